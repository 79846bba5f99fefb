// text.ts - every word of the page, in English and Chinese. `t()` gives the current language's.

export type Language = 'en' | 'zh';

const EN = {
  'tagline': 'Films you may like, worked out on your own device.',
  'intro': 'Like a film and your shelf changes at once. The model, the catalogue and your profile are all in this page; nothing you do here is sent anywhere.',
  'search.label': 'Find a film',
  'search.placeholder': 'Search 9,066 films, e.g. Matrix',
  'search.hint': 'Choose with the arrow keys, like with Enter.',
  'search.none': 'No film by that name.',
  'search.count': '{n} films found',
  'start.title': 'Start with a few you like',
  'start.more': 'Show others', 'slate.more': 'Show more',
  'slate.empty': 'Popular with everyone',
  'slate.empty.note': 'Like one film and this shelf becomes yours.',
  'slate.title': 'For you',
  'slate.note': '{n} events of yours, {items} films weighed in {ms} ms',
  'because': 'because you liked {film}',
  'because.despite': 'close to what you like',
  'popular.reason': 'popular with everyone',
  'like': 'Like', 'liked': 'Liked', 'dislike': 'Not for me', 'hide': 'Never show',
  'like.film': 'Like {film}', 'unlike.film': 'Take back: {film}', 'dislike.film': 'Not for me: {film}', 'open.film': 'Why {film}? Open details',
  'detail.why': 'Why this film',
  'detail.why.note': 'Each of your events adds to the score or takes from it. The parts add up to it exactly.',
  'detail.similar': 'More like this',
  'detail.score': 'score',
  'detail.close': 'Close',
  'reason.others': '{n} further events',
  'reason.base': 'everyone',
  'reason.person': 'your own average',
  'reason.rest': 'rounding',
  'profile.title': 'Your profile',
  'profile.none': 'Nothing yet. What you like will be listed here, and you can take back every single event.',
  'profile.count': '{n} events',
  'profile.taste': 'What it says of you',
  'profile.forget': 'Forget {film}',
  'profile.kind': 'What you said of {film}',
  'kind.like': 'liked', 'kind.dislike': 'not for me', 'kind.hide': 'never show', 'kind.view': 'looked at',
  'profile.pause': 'Pause learning',
  'profile.paused': 'Paused: nothing is taken in, nothing is written.',
  'profile.export': 'Save as file',
  'profile.import': 'Open a file',
  'profile.imported': '{n} events taken in.',
  'profile.import.bad': 'That file is not a profile: {why}',
  'profile.erase': 'Erase everything',
  'profile.erase.sure': 'Really erase?',
  'profile.erased': 'Erased, with its key. This page knows nothing of you.',
  'storage.indexeddb': 'At rest: sealed with AES-GCM under a key that no script can read, in this browser only.',
  'storage.memory': 'In memory only: it is gone when you close this page.',
  'storage.unavailable': 'This browser offers no storage here, so the profile lives in memory.',
  'storage.insecure': 'Sealing needs https or localhost, so the profile lives in memory.',
  'storage.quota': 'Storage is full: what is new lives in memory; what was saved stays.',
  'storage.failed': 'Storage failed: what is new lives in memory; what was saved stays.',
  'storage.aside': '{n} records could not be read and were set aside.',
  'stat.films': 'films on your device', 'stat.ms': 'ms for the last answer',
  'proof.title': 'See for yourself',
  'proof.requests': 'requests since this page was ready',
  'proof.loaded': '{n} files while loading, {cached} of them without the network',
  'proof.offline.ready': 'Works offline: switch your network off and reload.',
  'proof.offline.now': 'You are offline, and it works.',
  'proof.offline.wait': 'Getting ready for offline use ...',
  'proof.offline.none': 'This browser offers no service worker here: no offline reload.',
  'proof.numbers': '{items} films in a pack of {mb} MB; all the code of this page: {kb} KB.',
  'privacy': 'Who could see your profile? Only this page on this device. Someone who can run scripts on this site, or who holds your unlocked device, could ask the page as you can. “Erase everything” removes the events and their key.',
  'credits': 'Ratings: MovieLens small, GroupLens Research. Covers are drawn from title and genre; there are no posters here.',
  'language': '中文', 'theme': 'Change between light and dark',
  'said.liked': '{film} liked. Your shelf has changed.',
  'said.disliked': '{film}: not for you. Your shelf has changed.',
  'said.hidden': '{film} will not be shown again.',
  'said.forgotten': '{film} forgotten, as if it had never been.',
  'fail': 'This page could not start: {why}',
  'skip': 'Skip to your films',
  'loading': 'Loading {mb} MB ...',
};

export type Key = keyof typeof EN;

const ZH: Record<Key, string> = {
  'tagline': '在你自己的设备上，算出你可能喜欢的电影。',
  'intro': '点一下喜欢，片单立刻变化。模型、片库和你的档案都在这个页面里；你在这里做的一切都不会发送到任何地方。',
  'search.label': '找一部电影',
  'search.placeholder': '在 9,066 部电影中搜索，例如 Matrix',
  'search.hint': '用方向键选择，按回车表示喜欢。',
  'search.none': '没有叫这个名字的电影。',
  'search.count': '找到 {n} 部电影',
  'start.title': '先挑几部你喜欢的',
  'start.more': '换一批', 'slate.more': '显示更多',
  'slate.empty': '大家都爱看',
  'slate.empty.note': '喜欢一部电影，这里就会变成你的片单。',
  'slate.title': '为你推荐',
  'slate.note': '依据你的 {n} 条记录，{ms} 毫秒内衡量了 {items} 部电影',
  'because': '因为你喜欢《{film}》',
  'because.despite': '接近你的口味',
  'popular.reason': '大家都爱看',
  'like': '喜欢', 'liked': '已喜欢', 'dislike': '不合口味', 'hide': '不再显示',
  'like.film': '喜欢《{film}》', 'unlike.film': '撤回《{film}》', 'dislike.film': '《{film}》不合口味', 'open.film': '为什么是《{film}》？打开详情',
  'detail.why': '为什么推荐它',
  'detail.why.note': '你的每条记录都会给分数加一点或减一点，各部分相加正好等于分数。',
  'detail.similar': '相似的电影',
  'detail.score': '分数',
  'detail.close': '关闭',
  'reason.others': '另外 {n} 条记录',
  'reason.base': '大众',
  'reason.person': '你的平均值',
  'reason.rest': '舍入',
  'profile.title': '你的档案',
  'profile.none': '还是空的。你喜欢的电影会列在这里，每一条都可以撤回。',
  'profile.count': '{n} 条记录',
  'profile.taste': '它怎么看你',
  'profile.forget': '忘记《{film}》',
  'profile.kind': '你对《{film}》的看法',
  'kind.like': '喜欢', 'kind.dislike': '不合口味', 'kind.hide': '不再显示', 'kind.view': '看过介绍',
  'profile.pause': '暂停学习',
  'profile.paused': '已暂停：不再记录，也不写入任何内容。',
  'profile.export': '存为文件',
  'profile.import': '打开文件',
  'profile.imported': '已读入 {n} 条记录。',
  'profile.import.bad': '这不是档案文件：{why}',
  'profile.erase': '全部抹去',
  'profile.erase.sure': '确定抹去？',
  'profile.erased': '已连同密钥一起抹去。这个页面对你一无所知。',
  'storage.indexeddb': '静态保存：用 AES-GCM 加密，密钥任何脚本都读不到，只存在这个浏览器里。',
  'storage.memory': '只在内存中：关闭页面就消失。',
  'storage.unavailable': '这个浏览器在此不提供存储，档案只在内存中。',
  'storage.insecure': '加密需要 https 或 localhost，档案只在内存中。',
  'storage.quota': '存储已满：新的记录只在内存中，已保存的不受影响。',
  'storage.failed': '存储失败：新的记录只在内存中，已保存的不受影响。',
  'storage.aside': '{n} 条记录无法读取，已另外存放。',
  'stat.films': '部电影在你的设备上', 'stat.ms': '毫秒算出上一个答案',
  'proof.title': '眼见为实',
  'proof.requests': '页面就绪以来的网络请求',
  'proof.loaded': '加载时读取 {n} 个文件，其中 {cached} 个未经网络',
  'proof.offline.ready': '可以离线使用：断开网络后刷新试试。',
  'proof.offline.now': '你现在离线，一切照常。',
  'proof.offline.wait': '正在为离线使用做准备……',
  'proof.offline.none': '这个浏览器在此不提供 Service Worker，无法离线刷新。',
  'proof.numbers': '{items} 部电影，数据包 {mb} MB；这个页面的全部代码 {kb} KB。',
  'privacy': '谁能看到你的档案？只有这台设备上的这个页面。能在本站运行脚本的人，或拿着你已解锁设备的人，可以像你一样询问页面。“全部抹去”会删除记录和密钥。',
  'credits': '评分数据：MovieLens small，GroupLens Research。封面由片名和类型绘成，这里没有海报。',
  'language': 'English', 'theme': '切换明暗',
  'said.liked': '已喜欢《{film}》，片单已更新。',
  'said.disliked': '《{film}》不合口味，片单已更新。',
  'said.hidden': '不再显示《{film}》。',
  'said.forgotten': '已忘记《{film}》，如同从未有过。',
  'fail': '页面无法启动：{why}',
  'skip': '跳到你的片单',
  'loading': '正在加载 {mb} MB……',
};

const WORDS: Record<Language, Record<Key, string>> = { en: EN, zh: ZH };
let current: Language = 'en';

export const language = (): Language => current;

/** A sentence, its {blanks} filled. */
export function t(key: Key, blanks: Readonly<Record<string, string | number>> = {}): string {
  return WORDS[current][key].replace(/\{(\w+)\}/g, (_, name: string) => String(blanks[name] ?? ''));
}

const GENRES: Readonly<Record<string, string>> = {
  'action': '动作', 'adventure': '冒险', 'animation': '动画', 'children': '儿童', 'comedy': '喜剧', 'crime': '犯罪', 'documentary': '纪录', 'drama': '剧情',
  'fantasy': '奇幻', 'film-noir': '黑色电影', 'horror': '恐怖', 'imax': 'IMAX', 'musical': '歌舞', 'mystery': '悬疑', 'romance': '爱情', 'sci-fi': '科幻',
  'thriller': '惊悚', 'war': '战争', 'western': '西部',
};

/** A genre in the current language. */
export const genreName = (genre: string): string => (current === 'zh' ? GENRES[genre.toLowerCase()] ?? genre : genre);

/** Changes the language of everything that carries data-t or data-t-label. */
export function speak(next: Language): void {
  current = next;
  document.documentElement.lang = next === 'zh' ? 'zh-Hans' : 'en';
  for (const node of document.querySelectorAll<HTMLElement>('[data-t]')) node.textContent = t(node.dataset['t'] as Key);
  for (const node of document.querySelectorAll<HTMLElement>('[data-t-label]')) node.setAttribute('aria-label', t(node.dataset['tLabel'] as Key));
  for (const node of document.querySelectorAll<HTMLInputElement>('[data-t-placeholder]')) node.placeholder = t(node.dataset['tPlaceholder'] as Key);
}
