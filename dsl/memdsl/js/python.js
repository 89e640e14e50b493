// What plain Python means, where JavaScript means something else: the helpers of translated code.
const $truth = (x) =>
  Array.isArray(x) ? x.length > 0 : x instanceof Map || x instanceof Set ? x.size > 0 : Number.isNaN(x) || Boolean(x);
const $list = (x) => (Array.isArray(x) ? x : x instanceof Map ? [...x.keys()] : [...x]);
const $len = (x) => (x instanceof Map || x instanceof Set ? x.size : typeof x === "string" ? [...x].length : x.length);
const $at = (x, k) => {
  if (k >= 0 && Array.isArray(x)) return x[k];
  if (x instanceof Map) return x.get(k);
  return k < 0 ? x[x.length + k] : x[k];
};
const $put = (x, k, value) => {
  if (x instanceof Map) x.set(k, value);
  else x[k < 0 ? x.length + k : k] = value;
};
const $slice = (x, from, to) => {
  const cut = (all) => all.slice(from ?? 0, to ?? all.length);
  return typeof x === "string" ? cut([...x]).join("") : cut(x);
};
const $in = (a, b) => (b instanceof Map || b instanceof Set ? b.has(a) : b.includes(a));
const $is = (x, kinds) =>
  kinds.some((kind) =>
    kind === "bool" ? typeof x === "boolean"
    : kind === "str" ? typeof x === "string"
    : kind === "float" || kind === "int" ? typeof x === "number"
    : Array.isArray(x));
const $range = (a, b, step = 1) => {
  const [from, to] = b === undefined ? [0, a] : [a, b];
  const found = [];
  for (let k = from; step > 0 ? k < to : k > to; k += step) found.push(k);
  return found;
};
const $enumerate = (x) => $list(x).map((value, k) => [k, value]);
const $zip = (...all) => {
  const lists = all.map($list);
  return lists.length ? lists[0].map((_, k) => lists.map((one) => one[k])).slice(0, Math.min(...lists.map((one) => one.length))) : [];
};
const $pairwise = (x) => $list(x).slice(1).map((value, k) => [x[k], value]);
const $sum = (x, start = 0) => $list(x).reduce((sum, value) => sum + Number(value), start);
const $any = (x) => $list(x).some($truth);
const $all = (x) => $list(x).every($truth);
const $reversed = (x) => [...$list(x)].reverse();
const $less = (a, b) => {
  if (!Array.isArray(a)) return a < b;
  for (let k = 0; k < Math.min(a.length, b.length); k++) {
    if ($less(a[k], b[k])) return true;
    if ($less(b[k], a[k])) return false;
  }
  return a.length < b.length;
};
const $best = (x, key, better, other) => {
  const all = $list(x);
  if (!all.length) return other;
  let best = all[0];
  let bestKey = key === null ? best : key(best);
  for (let k = 1; k < all.length; k++) {
    const value = all[k];
    const now = key === null ? value : key(value);
    if (better(now, bestKey)) [best, bestKey] = [value, now];
  }
  return best;
};
const $min = (x, key, other) => $best(x, key, (a, b) => $less(a, b), other);
const $max = (x, key, other) => $best(x, key, (a, b) => $less(b, a), other);
const $smaller = (a, b) => ($less(b, a) ? b : a);
const $larger = (a, b) => ($less(a, b) ? b : a);
const $sorted = (x, key, backwards) => {
  const of = key ?? ((value) => value);
  const way = backwards ? -1 : 1;
  return [...$list(x)].sort((a, b) => ($less(of(a), of(b)) ? -way : $less(of(b), of(a)) ? way : 0));
};
const $next = (x, other) => ($list(x).length ? $list(x)[0] : other);
const $isinf = (x) => x === Infinity || x === -Infinity;
const $int = (x) => Math.trunc(Number(x));
const $float = (x) => Number(x);
const $str = (x) => (x === true ? "True" : x === false ? "False" : x === null ? "None" : String(x));
const $tuple = (x) => $list(x ?? []).slice();
const $set = (x) => new Set(x === undefined ? [] : $list(x));
const $dict = (x) => new Map(x === undefined ? [] : $list(x instanceof Map ? [...x] : x));
const $mod = (a, b) => ((a % b) + b) % b;
const $copysign = (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a));
const $escape = (x) =>
  x.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" })[c]);

// Rounding: a number exactly halfway between two decimals goes to the even one in Python, away from zero here.
const $halfway = (text, digits) => /^50*$/.test(text.slice(text.indexOf(".") + 1 + digits));
const $nearHalfway = (x) => {
  const part = Math.abs(x) - Math.floor(Math.abs(x));
  return Math.abs(part - 0.5) <= 1e-9 * Math.max(1, Math.abs(x));
};
const $fixed = (x, digits) => {
  const text = x.toFixed(digits);
  if (!$nearHalfway(x * 10 ** digits)) return text;
  if (Math.abs(x) >= 1e15 || !$halfway(Math.abs(x).toFixed(Math.min(100, digits + 30)), digits)) return text;
  const lower = Math.abs(x).toFixed(digits + 1).slice(0, digits === 0 ? -2 : -1);
  return Number(lower.replace(".", "").slice(-1)) % 2 === 0 ? (x < 0 ? "-" : "") + lower : text;
};
const $exponential = (x, digits) => {
  const [mantissa, exponent] = x.toExponential(Math.min(100, digits + 20)).split("e");
  const plain = x.toExponential(digits);
  if (!$halfway(mantissa.replace("-", ""), digits)) return $padded(plain);
  const lower = mantissa.slice(0, mantissa.indexOf(".") + 1 + digits).replace(/\.$/, "");
  return $padded(Number(lower.slice(-1)) % 2 === 0 ? `${lower}e${exponent}` : plain);
};
const $padded = (text) => text.replace(/e([+-])(\d)$/, "e$10$2");
const $round = (x, digits) => {
  if (digits !== undefined) return Number($fixed(x, digits));
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (Math.abs(below) % 2) : Math.round(x);
};
const $general = (x, digits) => {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x < 0 ? "-inf" : "inf";
  const [mantissa, exponent] = $exponential(x, digits - 1).split("e");
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (Number(exponent) < -4 || Number(exponent) >= digits) return `${trimmed(mantissa)}e${exponent}`;
  return trimmed($fixed(x, Math.max(0, digits - 1 - Number(exponent))));
};
const $specs = new Map();
const $format = (x, spec) => {
  if (spec === "") return $str(x);
  if (!$specs.has(spec)) $specs.set(spec, /^(\+?)(,?)(?:\.(\d+))?([feg]?)$/.exec(spec));
  const [, plus, comma, digits, kind] = $specs.get(spec);
  if (kind === "g") return $general(x, Number(digits ?? 6));
  const made = kind === "e" ? $exponential(x, Number(digits ?? 6)) : kind === "f" ? $fixed(x, Number(digits ?? 6)) : String(x);
  const [whole, ...rest] = made.split(".");
  const grouped = comma ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return (plus && x >= 0 ? "+" : "") + [grouped, ...rest].join(".");
};

const $edge = (text, marks, left, right) => {
  const inside = [...text];
  const gone = (c) => (marks === undefined ? /\s/.test(c) : marks.includes(c));
  let [from, to] = [0, inside.length];
  while (left && from < to && gone(inside[from])) from++;
  while (right && from < to && gone(inside[to - 1])) to--;
  return inside.slice(from, to).join("");
};
const $m = {
  append: (x, value) => void x.push(value),
  extend: (x, more) => void x.push(...$list(more)),
  add: (x, value) => void x.add(value),
  update: (x, more) => void $list(more).forEach((value) => x.add(value)),
  pop: (x, k = -1) => x.splice(k, 1)[0],
  lower: (x) => x.toLowerCase(),
  join: (mark, x) => $list(x).join(mark),
  partition: (x, mark) => {
    const k = x.indexOf(mark);
    return k < 0 ? [x, "", ""] : [x.slice(0, k), mark, x.slice(k + mark.length)];
  },
  rpartition: (x, mark) => {
    const k = x.lastIndexOf(mark);
    return k < 0 ? ["", "", x] : [x.slice(0, k), mark, x.slice(k + mark.length)];
  },
  replace: (x, a, b) => x.split(a).join(b),
  split: (x, mark) => (mark === undefined ? x.split(/\s+/).filter((part) => part !== "") : x.split(mark)),
  startswith: (x, a) => x.startsWith(a),
  endswith: (x, a) => x.endsWith(a),
  strip: (x, marks) => $edge(x, marks, true, true),
  lstrip: (x, marks) => $edge(x, marks, true, false),
  rstrip: (x, marks) => $edge(x, marks, false, true),
  removesuffix: (x, end) => (end !== "" && x.endsWith(end) ? x.slice(0, -end.length) : x),
  removeprefix: (x, start) => (x.startsWith(start) ? x.slice(start.length) : x),
  items: (x) => [...x.entries()],
  keys: (x) => [...x.keys()],
  values: (x) => [...x.values()],
  get: (x, key, other = null) => (x.has(key) ? x.get(key) : other),
  setdefault: (x, key, value) => {
    if (!x.has(key)) x.set(key, value);
    return x.get(key);
  },
};
