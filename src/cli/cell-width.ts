// Unicode's wide and fullwidth blocks (East Asian Width W and F), and what terminals draw as coloured pictures.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

const invisible = /[\p{Mn}\p{Me}\p{Cf}]/u;

/**
 * Terminal cells that a text takes, character by character: wide ones (Chinese, Japanese, Korean, emoji) 2, marks and
 * joiners 0, others 1. Emoji joined into one picture count as each of them; terminals differ there as well.
 */
export function cellWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += characterWidth(character);
  return cells;
}

function characterWidth(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (invisible.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The text cut to `cells` terminal cells, its last one `…` where something was cut. */
export function cutToCells(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  let kept = "";
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > cells - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
