/** White space, then a mark, a string, or another value: https://www.rfc-editor.org/rfc/rfc8259 */
const space = /[\t\n\r ]*/y;
const token =
  /(?<mark>[[\]{}:,])|(?<text>"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null)/uy;

type State = 'value' | 'value or ]' | 'key or }' | 'key' | ':' | ', or end';
type Moves = Partial<Record<string, State | 'open' | 'close' | 'next'>>;

const anyValue: Moves = { text: ', or end', value: ', or end', '{': 'open', '[': 'open' };
/** The next state after each token, by the current state. */
const moves: Record<State, Moves> = {
  value: anyValue,
  'value or ]': { ...anyValue, ']': 'close' },
  key: { text: ':' },
  'key or }': { text: ':', '}': 'close' },
  ':': { ':': 'value' },
  ', or end': { ',': 'next', ']': 'close', '}': 'close' },
};

/**
 * Says where and how a text that `JSON.parse` refuses is not JSON, without any of its content: the parser's own message
 * quotes the text, which may contain a secret.
 */
export function jsonFlaw(text: string): string {
  const open: string[] = [];
  let state: State | undefined = 'value';
  let position = 0;
  for (;;) {
    position += matchAt(space, text, position)?.[0].length ?? 0;
    if (position === text.length) return `it ends too early, at position ${position}`;
    const found = matchAt(token, text, position);
    if (!found) return `no JSON value at position ${position}`;
    const { mark, text: isText } = found.groups ?? {};
    state = nextState(state, mark ?? (isText === undefined ? 'value' : 'text'), open);
    if (!state) return `a value or a mark out of place at position ${position}`;
    position += found[0].length;
  }
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** The state after a token; undefined when the token is not allowed. Updates the list of open brackets. */
function nextState(state: State, kind: string, open: string[]): State | undefined {
  const move = moves[state][kind];
  const innermost = open.at(-1);
  if (move === 'next') {
    if (innermost === undefined) return undefined;
    return innermost === '[' ? 'value' : 'key';
  }
  if (move === 'close') {
    open.pop();
    return innermost === (kind === ']' ? '[' : '{') ? ', or end' : undefined;
  }
  if (move !== 'open') return move;
  open.push(kind);
  return kind === '{' ? 'key or }' : 'value or ]';
}
