/* stop_words.c - words that say nothing of a text's subject. The lists are short on purpose: a word that stands in
 * most texts weighs little under TF-IDF and BM25 anyway (and `max_df` drops it); these are the ones that would still show
 * among reasons. */
#include "text_words.h"

#include "utf8.h"
#include "base.h"

static const char *const english[] = {
  "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being",
  "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "don", "down", "during", "each", "few", "for", "from",
  "further", "had", "has", "have", "having", "he", "her", "here", "hers", "herself", "him", "himself", "his", "how", "if", "in",
  "into", "is", "it", "its", "itself", "just", "ll", "me", "more", "most", "my", "myself", "no", "nor", "not", "now", "of", "off",
  "on", "once", "only", "or", "other", "our", "ours", "out", "over", "own", "re", "same", "she", "should", "so", "some", "such",
  "than", "that", "the", "their", "theirs", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too",
  "under", "until", "up", "ve", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "why",
  "will", "with", "would", "you", "your", "yours",
};

static const char *const chinese[] = {
  "一个", "一個", "一些", "不是", "为了", "之", "也", "了", "于", "什么", "什麼", "他们", "他們", "以及", "你们", "你們", "但是",
  "因为", "因為", "在", "她们", "她們", "如果", "它们", "它們", "就是", "已經", "已经", "并且", "怎么", "怎麼", "我们", "我們",
  "或者", "所以", "是", "没有", "沒有", "由于", "由於", "的", "自己", "而", "而且", "還是", "还是", "这个", "这些", "这样", "這些",
  "這個", "這樣", "那个", "那些", "那個", "那样", "那樣", "都", "為了", "並且", "与", "和", "及", "可以", "於", "與",
};

static bool is_listed(const char *const *list, size_t n, ink_text word) {
  for (size_t i = 0; i < n; i++)
    if (ink_text_equal(ink_text_of(list[i]), word)) return true;
  return false;
}

bool ink_is_stop_word(ink_text word, uint32_t list) {
  const bool ascii = word.n > 0 && (uint8_t)word.bytes[0] < 0x80;
  if (ascii) return (list & INK_STOP_ENGLISH) != 0 && is_listed(english, INK_COUNT_OF(english), word);
  return (list & INK_STOP_CHINESE) != 0 && is_listed(chinese, INK_COUNT_OF(chinese), word);
}
