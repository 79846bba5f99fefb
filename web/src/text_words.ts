// text_words.ts - the words of a text, as core/train/words/text_words.c takes them: a pack's terms were made by that file, and words
// of new items must be the same words. Both are held to tests/golden/text_words.json.

/** Han, kana, Hangul: taken in overlapping pairs. */
const CJK = /[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u30fa\u30fc-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\u{20000}-\u{3ffff}]/u;
/** What separates words: ASCII but letters and digits, Latin-1's signs, punctuation, symbols, private use, emoji. */
const SIGN = /[\0-/:-@[-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u060c\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e4f\u1680\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3040\u30fb\u3190-\u319f\u3200-\u33ff\ud800-\udfff\ue000-\uf8ff\ufe10-\ufe1f\ufe30-\ufe6f\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\u{1f000}-\u{1faff}\u{e0000}-\u{10ffff}]/u;
/** Capitals right before their small letters, at even and at odd places. */
const EVEN = /[\u0100-\u0137\u014a-\u0177\u01de-\u01ef\u01f8-\u021f\u0222-\u0233\u0370-\u0373\u0376\u0377\u03d8-\u03ef\u0460-\u0481\u048a-\u04bf\u04d0-\u052f\u1e00-\u1e95\u1ea0-\u1eff]/;
const ODD = /[\u0139-\u0148\u0179-\u017e\u01cd-\u01dc\u04c1-\u04ce]/;
/** Blocks of capitals, first and last, and how far behind them the small letters lie. */
const BLOCKS: readonly (readonly [number, number, number])[] = [[0x41, 0x5a, 32], [0xc0, 0xd6, 32], [0xd8, 0xde, 32], [0x388, 0x38a, 37],
  [0x391, 0x3a1, 32], [0x3a3, 0x3ab, 32], [0x400, 0x40f, 80], [0x410, 0x42f, 32], [0x531, 0x556, 48], [0xff21, 0xff3a, 32]];
const SINGLE: Readonly<Record<string, string>> = {
  '\u0130': 'i', '\u0178': '\xff', '\u017f': 's', '\u037f': '\u03f3', '\u0386': '\u03ac', '\u038c': '\u03cc', '\u038e': '\u03cd',
  '\u038f': '\u03ce', '\u03c2': '\u03c3', '\u03cf': '\u03d7', '\u04c0': '\u04cf', '\u1e9e': '\xdf',
};
const WORD_BYTES = 64;

function fold(c: string): string {
  const single = SINGLE[c], code = c.codePointAt(0) ?? 0;
  if (single !== undefined) return single;
  if ((code % 2 === 0 && EVEN.test(c)) || (code % 2 === 1 && ODD.test(c))) return String.fromCodePoint(code + 1);
  const block = BLOCKS.find(([first, last]) => code >= first && code <= last);
  return block ? String.fromCodePoint(code + block[2]) : c;
}

/** As many whole characters as 64 bytes hold. */
function cut(word: readonly string[]): string {
  const encoder = new TextEncoder();
  let bytes = 0, out = '';
  for (const c of word) {
    bytes += encoder.encode(c).length;
    if (bytes > WORD_BYTES) break;
    out += c;
  }
  return out;
}

/** Words of two characters and more, folded; pairs of CJK characters. */
export function words(text: string): string[] {
  const out: string[] = [];
  let run: string[] = [], cjk = false;
  const close = (): void => {
    if (!cjk && run.length > 1) out.push(cut(run));
    if (cjk && run.length === 1) out.push(run[0] ?? '');
    if (cjk) for (let i = 0; i + 1 < run.length; i++) out.push(`${run[i]}${run[i + 1]}`);
    run = [];
  };
  for (const c of text) {
    const isCjk = CJK.test(c), isSign = !isCjk && SIGN.test(c);
    if (isSign || isCjk !== cjk) close();
    if (isSign) continue;
    cjk = isCjk;
    run.push(isCjk ? c : fold(c));
  }
  close();
  return out;
}
