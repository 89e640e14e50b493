// Cells whose inputs are not sure: the samples, and what they say.

// The generator of Python's `numpy.random.RandomState`: the Mersenne Twister, 53 bits at a time.
class Random {
  constructor(seed) {
    this.state = new Uint32Array(624);
    this.state[0] = seed;
    for (let k = 1; k < 624; k++) {
      const before = this.state[k - 1] ^ (this.state[k - 1] >>> 30);
      this.state[k] = Math.imul(1812433253, before) + k;
    }
    this.at = 624;
  }

  #bits() {
    const { state } = this;
    if (this.at === 624) {
      for (let k = 0; k < 624; k++) {
        const both = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
        state[k] = state[(k + 397) % 624] ^ (both >>> 1) ^ (both & 1 ? 0x9908b0df : 0);
      }
      this.at = 0;
    }
    let found = state[this.at++];
    found ^= found >>> 11;
    found ^= (found << 7) & 0x9d2c5680;
    found ^= (found << 15) & 0xefc60000;
    return (found ^ (found >>> 18)) >>> 0;
  }

  /** At least 0, below 1. */
  share() {
    const [high, low] = [this.#bits() >>> 5, this.#bits() >>> 6];
    return (high * 67108864 + low) / 9007199254740992;
  }
}

// What an input admits, as in `memdsl/analysis/uncertainty/sampling.py`.
class Admissible {
  constructor(input, now) {
    const { bounds } = input;
    this.input = input;
    this.spread = WORDS.spread_of(new WORDS.Now(new Map([[input.path, now]])), input);
    const ends = (side) => [this.spread[side], constant(bounds?.[side], null)].filter((end) => end !== null);
    this.low = Math.max(-Infinity, ...ends("low"));
    this.high = Math.min(Infinity, ...ends("high"));
    this.step = constant(bounds?.multiple, 0);
  }

  get ends() {
    const [low, high] = this.spread.ends;
    const [least, most] = [Math.max(low, this.low), Math.min(high, this.high)];
    if (!this.step) return [least, most];
    const inner = [Math.ceil(least / this.step) * this.step, Math.floor(most / this.step) * this.step];
    return inner[0] <= inner[1] ? inner : [this.spread.value, this.spread.value];
  }

  /** A function from shares of all that is admissible to the values below which they lie. */
  drawing() {
    const { spread, step, low, high } = this;
    if (spread.kind === "one of") {
      const choices = spread.choices.filter((choice) => low <= choice && choice <= high);
      return (share) => choices[Math.floor(share * choices.length)];
    }
    const onStep = (value) => (step ? WORDS.to_even(value / step) * step : value);
    const [least, most] = step
      ? [(Math.ceil(low / step) - 0.5) * step, (Math.floor(high / step) + 0.5) * step] : [low, high];
    if (spread.kind === "uniform") {
      const [from, to] = [Math.max(least, low), Math.min(most, high)];
      return (share) => onStep(from + share * (to - from));
    }
    const normal = spread.kind === "normal";
    const deviations = (value) => {
      if (Math.abs(value) === Infinity) return value;
      if (normal) return (value - spread.value) / spread.scale;
      return value > 0 ? Math.log(value / spread.value) / Math.log(spread.scale) : -Infinity;
    };
    const [from, to] = [least, most].map((end) => WORDS.share_below(deviations(end)));
    if (to - from < 1e-12) throw new TooMuch(`hardly any value that ${this.input.path} may take lies in its range`);
    return (share) => {
      const inside = Math.min(Math.max(from + share * (to - from), 1e-300), 1 - 2 ** -53);
      const z = WORDS.quantile(inside);
      return onStep(normal ? spread.value + spread.scale * z : spread.value * spread.scale ** z);
    };
  }
}

const MOST_SECONDS = 90;

// Every cell under the uncertainty of the inputs, as in `memdsl/analysis/uncertainty/monte_carlo.py`; a sentence where one has no value.
function* sampled({ cells, inputs, samples, seed, required }, bench) {
  const known = inputs.map((input) => new Admissible(input, bench.machine.input(input.path)));
  const random = new Random(seed);
  const drawn = (drawing) => Float64Array.from({ length: samples }, () => drawing(random.share()));
  const [first, other] = [0, 1].map(() => known.map((one) => drawn(one.drawing())));
  const paths = inputs.map((input) => input.path);
  const at = allowed(bench, paths, cells.map((cell) => cell.probe), required);
  const count = samples * (inputs.length + 2);
  const rows = cells.map(() => []);
  const given = {};
  const start = performance.now();
  for (let row = 0; row < inputs.length + 2; row++) {
    rows.forEach((one) => one.push(new Float64Array(samples)));
    for (let n = 0; n < samples; n++) {
      paths.forEach((path, k) => (given[path] = (row === 1 || row === k + 2 ? other : first)[k][n]));
      at(given).forEach((value, c) => (rows[c][row][n] = Number(value)));
      const done = row * samples + n + 1;
      if (done === 40 && ((performance.now() - start) / done) * count > 1000 * MOST_SECONDS) {
        throw new TooMuch(`its ${count.toLocaleString("en")} samples would take minutes`);
      }
      yield;
    }
  }
  const corners = yield* atCorners(known, paths, at);
  const ended = new Map(known.map((one) => [one.input.path, Number.isFinite(one.low) && Number.isFinite(one.high)]));
  const analyses = [];
  for (const [c, cell] of cells.entries()) {
    const one = studyOf(cell, inputs, rows[c], corners && corners.map((found) => found[c]), ended, bench);
    if (typeof one === "string") return one;
    analyses.push(one);
    yield;
  }
  return analyses;
}

// The cells where every input is at one of its ends; null for too many inputs.
function* atCorners(known, paths, at) {
  if (known.length > 12) return null;
  const ends = known.map((one) => [...new Set(one.ends)]);
  const found = [];
  for (let corner = 0; corner < 2 ** known.length; corner++) {
    const point = ends.map((pair, k) => pair[Math.min((corner >> k) & 1, pair.length - 1)]);
    found.push(at(Object.fromEntries(paths.map((path, k) => [path, point[k]]))).map(Number));
    yield;
  }
  return found;
}

const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values, middle, less = 0) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - less));
const estimate = (values) => {
  const value = average(values);
  return { value, error: deviationOf(values, value) / Math.sqrt(values.length) };
};

const studyOf = ({ text, formula, probe, below, proved }, inputs, rows, corners, ended, bench) => {
  const all = [...rows[0], ...rows[1]];
  const sound = all.filter((value) => !Number.isNaN(value));
  if (sound.length < 2) return `${text} has no value at any sample.`;
  const mean = average(sound);
  const deviation = deviationOf(sound, mean, 1);
  const ordered = Float64Array.from(sound).sort();
  const percentiles = [5, 50, 95].map((percent) => [percent, percentile(ordered, percent / 100)]);
  // Whether nothing lies beyond the corners takes algebra, which a page has not: it is as it was at the report's inputs.
  const outermost = proved ? [] : [ordered[0], ordered[ordered.length - 1]];
  const met = [...(corners ?? []).filter((value) => !Number.isNaN(value)), ...outermost];
  const interval = {
    low: Math.min(...met),
    high: Math.max(...met),
    proved: proved && bench.resting,
    ended: below.every((path) => ended.get(path)),
  };
  const shares = [];
  if (deviation > 1e-9 * Math.abs(mean)) {
    inputs.forEach((input, k) => below.includes(input.path) && shares.push(shareOf(input, rows[0], rows[1], rows[k + 2])));
  }
  shares.sort((a, b) => b.total.value - a.total.value);
  return {
    cell: { text, formula, type: formula.kind },
    declared: Number(bench.machine.probe(probe)),
    mean: { value: mean, error: deviation / Math.sqrt(sound.length) },
    deviation, percentiles, interval, shares,
    samples: sound.length,
    missing: all.length - sound.length,
  };
};

const percentile = (ordered, share) => {
  const count = ordered.length;
  const apart = Math.sqrt(count * share * (1 - share));
  const low = ordered[Math.max(0, Math.floor(count * share - apart))];
  const high = ordered[Math.min(count - 1, Math.ceil(count * share + apart))];
  const place = (count - 1) * share;
  const under = ordered[Math.floor(place)];
  const above = ordered[Math.min(Math.floor(place) + 1, count - 1)];
  return { value: under + (place - Math.floor(place)) * (above - under), error: (high - low) / 2 };
};

const shareOf = (input, one, other, exchanged) => {
  const [a, b, c] = [[], [], []];
  for (let n = 0; n < one.length; n++) {
    if (Number.isNaN(one[n] + other[n] + exchanged[n])) continue;
    a.push(one[n]);
    b.push(other[n]);
    c.push(exchanged[n]);
  }
  const both = [...a, ...b];
  const variance = both.length ? deviationOf(both, average(both)) ** 2 : 0;
  if (!variance) return { input, first: { value: 0, error: 0 }, total: { value: 0, error: 0 } };
  const middle = (average(a) + average(b)) / 2;
  return {
    input,
    first: estimate(a.map((value, n) => ((b[n] - middle) * (c[n] - value)) / variance)),
    total: estimate(a.map((value, n) => (value - c[n]) ** 2 / (2 * variance))),
  };
};
