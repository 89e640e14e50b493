// The analyses of a report, carried out again at the inputs of the page. Each is a generator: it pauses after a little
// work, so that a page stays quick, and ends with the tables and drawings that stand in its place.
const _DISTURBING = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;
const cut = (text, longest) => {
  const line = text.slice(0, 4 * longest).replace(_DISTURBING, "").trim().split(/\s+/).join(" ");
  return line.length <= longest && text.length <= 4 * longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
};
const slug = (text) => {
  const whole = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return (whole.length <= 60 ? whole : whole.slice(0, Math.max(0, whole.slice(0, 60).lastIndexOf("-")))) || "chart";
};

/** Machines beside that of the page: one for numbers at other inputs, one for limits and slopes. Both are made when used. */
class Bench {
  constructor(machine) {
    this.machine = machine;
    this.start = new Map(Object.keys(machine.program.inputs).map((path) => [path, machine.input(path)]));
    this.beside = null;
    this.lens = null;
  }

  /** Whether all inputs are as they were. */
  get resting() {
    return [...this.start].every(([path, value]) => this.machine.input(path) === value);
  }

  /** Some probes at other values of some inputs. */
  trial(paths, probes) {
    this.beside ??= new Machine(this.machine.program, PLAIN, false);
    this.beside.follow(this.machine);
    return this.beside.trial(paths, probes);
  }

  line(path, probes, grain) {
    this.lens ??= new Machine(this.machine.program, DUAL, false);
    return new Line(this.lens, this.machine, path, probes, grain);
  }
}

const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);
const constant = (found, otherwise) => (found ? found.value : otherwise);

// Where an input may lie; without a range it is at least 0 when its value is.
const rangeOf = ({ bounds }, now) => {
  const limit = (value) => (Math.abs(value) >= 1e299 ? Math.sign(value) * Infinity : value);
  const choices = bounds && bounds.one_of.length ? bounds.one_of.map(({ value }) => value) : null;
  const low = choices ? Math.min(...choices) : now >= 0 ? 0 : -Infinity;
  const high = choices ? Math.max(...choices) : Infinity;
  return [limit(constant(bounds?.low, low)), limit(constant(bounds?.high, high))];
};

const ANALYSES = {
  // ---- grids --------------------------------------------------------------------------------------------------------

  *grid(ask, bench) {
    const { points, values } = yield* everyPoint(ask, bench);
    const found = listedPoints(ask, points, values, ask.sizes, []);
    return [...WORDS.point_tables(found), ...WORDS.draw_curves(found, ask.called)];
  },

  *pareto(ask, bench) {
    const { points, values } = yield* everyPoint(ask, bench);
    const kept = yield* front(values);
    const note = WORDS.front_note(kept.length, points.length);
    const found = listedPoints(ask, kept.map((k) => points[k]), kept.map((k) => values[k]), [], [note]);
    return [...WORDS.point_tables(found), ...WORDS.draw_front(found, ask.called)];
  },

  // ---- sensitivities ------------------------------------------------------------------------------------------------

  *sensitivity({ cells, by }, bench) {
    const parts = [];
    for (const cell of cells) {
      const found = yield* moved(cell, by, bench);
      if (typeof found === "string") {
        parts.push(new WORDS.AnalysisTable(`What moves ${cell.text}`, [], [], [found]));
        continue;
      }
      const picture = WORDS.draw_tornado(new WORDS.Typed(), found, cell.called);
      parts.push(WORDS.sensitivity_table(new WORDS.Typed(), found), ...(picture ? [picture] : []));
    }
    return parts;
  },

  // ---- solutions ----------------------------------------------------------------------------------------------------

  *solve(ask, bench) {
    const { condition, input, probe, step, numeric, choices } = ask;
    const now = bench.machine.probe(ask.itself) === true;
    const [low, high] = [ask.domain[0] ?? -Infinity, ask.domain[1] ?? Infinity];
    const domain = new WORDS.Interval(low, high, Number.isFinite(low), Number.isFinite(high));
    const solution = ({ intervals = [], runs = [], kept = null, always, never, sides = [], depends = ask.depends }) => {
      const ended = endedAt(ask, bench, kept ? choices : WORDS.beyond(domain, step, intervals, runs));
      return [WORDS.solution_table(new WORDS.Typed(), new WORDS.Solution(
        condition, input, now, depends, domain, step, intervals, runs, kept, [], always, never, numeric, sides, ended,
      ))];
    };
    if (choices.length) {
      const at = bench.trial([input.path], [probe]);
      const kept = choices.filter((choice) => at({ [input.path]: choice })[0] === true);
      const [always, never] = [kept.length === choices.length, !kept.length];
      return solution({ kept, always, never, depends: !always && !never });
    }
    const sideProbes = ask.sides.map((side) => side.probe);
    const line = bench.line(input.path, [probe, ...sideProbes], step);
    const pieces = yield* everyPiece(line, low, high);
    const sides = ask.sides.map(({ text, formula }, k) => new WORDS.Side(text, formula, extentOf(line, pieces, k + 1)));
    if (step) {
      const [first, last] = [Math.ceil(low / step), Math.floor(high / step)];
      const runs = runsOf(pieces, step, first, last);
      const every = last - first + 1;
      const count = runs.reduce((sum, run) => sum + run.count, 0);
      return solution({ runs, always: count === every, never: !runs.length, sides });
    }
    const intervals = intervalsOf(pieces);
    const [only] = intervals;
    const always = intervals.length === 1 && only.low === low && only.high === high &&
      (only.low_included || low === -Infinity) && (only.high_included || high === Infinity);
    return solution({ intervals, always, never: !intervals.length, sides });
  },

  // ---- uncertainty --------------------------------------------------------------------------------------------------

  *uncertainty(ask, bench) {
    const found = yield* sampled(ask, bench);
    const typed = new WORDS.Typed();
    if (typeof found === "string") return WORDS.uncertainty_tables(typed, [], found);
    const pictures = found.filter((one) => one.shares.length).map((one) => WORDS.draw_shares(one));
    return [...WORDS.uncertainty_tables(typed, found, ""), ...pictures];
  },
};

// The first requirement that is broken at each value where the condition itself holds.
const endedAt = ({ input, itself, requirements }, bench, values) => {
  if (!requirements.length) return [];
  const at = bench.trial([input.path], [itself, ...requirements.map(({ probe }) => probe)]);
  const told = new Map();
  for (const value of values) {
    const [holds, ...kept] = at({ [input.path]: value });
    const broken = holds === true ? requirements[kept.findIndex((one) => one !== true)] : undefined;
    if (broken && !told.has(broken.said)) told.set(broken.said, new WORDS.Ended(value, broken.said));
  }
  return [...told.values()];
};

// What probes are at values of some inputs; nothing has a value at a point that the spec refuses.
const allowed = (bench, paths, probes, required) => {
  if (required === null) return bench.trial(paths, probes);
  const at = bench.trial(paths, [...probes, required]);
  return (point) => {
    const found = at(point);
    return found[probes.length] === true ? found.slice(0, probes.length) : probes.map(() => NaN);
  };
};

// ---- points of a grid -----------------------------------------------------------------------------------------------

function* everyPoint({ axes, probes, required }, bench) {
  const at = allowed(bench, axes.map((axis) => axis.path), probes, required);
  const count = axes.reduce((product, axis) => product * axis.values.length, 1);
  const points = [];
  const values = [];
  for (let k = 0; k < count; k++) {
    let rest = k;
    const point = axes.map(() => null);
    for (let a = axes.length - 1; a >= 0; a--) {
      point[a] = axes[a].values[rest % axes[a].values.length];
      rest = Math.floor(rest / axes[a].values.length);
    }
    points.push(point);
    values.push(at(Object.fromEntries(axes.map((axis, a) => [axis.path, point[a]]))));
    yield k / count;
  }
  return { points, values };
}

const listedPoints = ({ title, axes, cells }, points, values, sizes, notes) => {
  const listed = ({ name, numeric, unit, units }, column) => WORDS.measured(name, numeric, unit, units, column);
  const inputs = axes.map(({ scale }, a) => listed(scale, points.map((point) => point[a])));
  const shown = cells.map((scale, c) => listed(scale, values.map((one) => one[c])));
  return new WORDS.Points(title, inputs, shown, sizes, notes);
};

// The points that no other is at least as small as in all cells, the first of equal ones, by the first cell.
function* front(values) {
  const sound = values.map((_, k) => k).filter((k) => values[k].every((value) => !Number.isNaN(value)));
  const sum = new Map(sound.map((k) => [k, values[k].reduce((a, b) => a + b, 0)]));
  sound.sort((a, b) => sum.get(a) - sum.get(b) || a - b);
  const kept = [];
  for (const k of sound) {
    yield;
    if (!kept.some((other) => values[other].every((value, c) => value <= values[k][c]))) kept.push(k);
  }
  return kept.sort((a, b) => values[a][0] - values[b][0] || a - b);
}

// ---- the effects of inputs on a cell ----------------------------------------------------------------------------------

// Every input changed in turn; a sentence where the cell has no value.
function* moved({ text, formula, probe, inputs, required, independent }, by, bench) {
  const base = number(bench.machine.probe(probe));
  if (base === null) return `${text} has no value.`;
  const [effects, skipped] = [[], []];
  for (const [k, input] of inputs.entries()) {
    yield;
    const now = bench.machine.input(input.path);
    if (typeof now !== "number" || Math.abs(now) >= 1e299) {
      skipped.push(input.path);
      continue;
    }
    const here = new WORDS.Now(new Map([[input.path, now]]));
    const [low, high, source] = WORDS.ends_of(here, input, now, by);
    const trial = allowed(bench, [input.path], [probe], required[k]);
    const at = (value) => number(trial({ [input.path]: value })[0]);
    const [atLow, atHigh] = [at(low), at(high)];
    const around = input.exact ? yield* local(input, now, probe, bench) : null;
    const [slopes, before, after] = around ?? [differences(at, now, base), null, null];
    const elasticity = WORDS.elasticities(slopes, now, base).map((one) => (one !== null && Math.abs(one) < 1e-11 ? 0 : one));
    effects.push(new WORDS.Effect(
      input, now, base, low, high, atLow, atHigh, source, slopes, elasticity, before, after, around !== null, [],
    ));
  }
  return new WORDS.Sensitivity(text, formula, base, WORDS.by_swing(effects), inputs, independent, skipped);
}

const differences = (at, now, base) => {
  const step = Math.abs(now) * 1e-6 || 1e-6;
  const [below, above] = [at(now - step), at(now + step)];
  return new WORDS.Slopes(
    below === null ? null : (base - below) / step, above === null ? null : (above - base) / step, false,
  );
};

const _SAME = 1e-11;
const differ = (a, b) => a !== b && (Math.abs(a - b) === Infinity || Math.abs(a - b) > _SAME * Math.max(Math.abs(a), Math.abs(b)));

// The slopes of a probe on both sides of an input's value, and the nearest steps; null where a slope has no end.
function* local(input, now, probe, bench) {
  const line = bench.line(input.path, [probe], constant(input.bounds?.multiple, 0));
  const ends = rangeOf(input, now);
  const point = line.limit(now, 0);
  if (point.upright) return null;
  const here = valueOf(point.values[0]);
  const slopes = [];
  const steps = [];
  let jumps = false;
  for (const side of [-1, 1]) {
    const end = side < 0 ? ends[0] : ends[1];
    if (!(side < 0 ? now > end : now < end)) {
      slopes.push(null);
      steps.push(null);
      continue;
    }
    const [near] = line.limit(now, side).values;
    slopes.push(Number.isNaN(valueOf(near)) ? null : slopeOf(near));
    jumps ||= differ(valueOf(near), here);
    if (differ(valueOf(near), here)) {
      steps.push(new WORDS.Next(now, valueOf(near) - here));
      continue;
    }
    let found = null;
    yield* line.walk(now, side, end, (place, { values: [a] }, after) => {
      const point = valueOf(line.limit(place, 0).values[0]);
      const [from, to] = [valueOf(a), after ? valueOf(after.values[0]) : point];
      if (Number.isNaN(from) || Number.isNaN(to) || Number.isNaN(point)) return true;
      const bent = after ? slopeOf(a) - slopeOf(after.values[0]) : 0;
      const bends = Math.abs(bent * Math.max(Math.abs(place), Math.abs(now))) > 1e-10 * Math.max(Math.abs(from), Math.abs(here));
      if (!differ(from, point) && !differ(from, to) && !bends) return true;
      found = new WORDS.Next(place, differ(from, to) ? to - from : 0);
      return false;
    });
    steps.push(found);
  }
  return [new WORDS.Slopes(slopes[0], slopes[1], jumps), steps[0], steps[1]];
}

// ---- where a condition holds ------------------------------------------------------------------------------------------

// Places and the open stretches between them, in order; each with the values there, or those inside it and the limits at
// both of its ends.
function* everyPiece(line, low, high) {
  const now = Math.min(Math.max(line.now, low), high);
  const places = [now];
  yield* line.walk(now, -1, low, (place) => void places.unshift(place));
  yield* line.walk(now, 1, high, (place) => void places.push(place));
  const pieces = [];
  const first = places[0];
  const stretch = (from, to) => {
    const middle = Number.isFinite(from) && Number.isFinite(to) ? (from + to) / 2
      : Number.isFinite(from) ? from + 2 * Math.abs(from) + 1 : to - 2 * Math.abs(to) - 1;
    const start = Number.isFinite(from) ? line.limit(from, 1).values : null;
    const end = Number.isFinite(to) ? line.limit(to, -1).values : null;
    pieces.push({ low: from, high: to, inside: line.limit(middle, 1).values, start, end });
  };
  if (first > low) stretch(low, first);
  for (const [k, place] of places.entries()) {
    yield;
    pieces.push({ low: place, high: place, at: line.limit(place, 0).values });
    const next = places[k + 1] ?? high;
    if (next > place) stretch(place, next);
  }
  return pieces;
}

const holds = ({ at, inside }) => (at ?? inside)[0] === true;

const intervalsOf = (pieces) => {
  const found = [];
  let before = false;
  for (const piece of pieces) {
    const truth = holds(piece);
    const point = piece.low === piece.high;
    const last = found[found.length - 1];
    if (truth && before) Object.assign(last, { high: piece.high, high_included: point });
    else if (truth) found.push(new WORDS.Interval(piece.low, piece.high, point, point));
    before = truth;
  }
  return found;
};

// The multiples of a step at which it holds, one run after the other.
const runsOf = (pieces, step, first, last) => {
  const runs = [];
  for (const piece of pieces.filter(holds)) {
    const [low, high] = [piece.low / step, piece.high / step].map((k) => (differ(k, Math.round(k)) ? k : Math.round(k)));
    const point = piece.low === piece.high;
    const from = Math.max(point ? Math.ceil(low) : Math.floor(low) + 1, first);
    const to = Math.min(point ? Math.floor(high) : Math.ceil(high) - 1, last);
    if (!(from <= to)) continue;
    const before = runs[runs.length - 1];
    if (before && before.to === from - 1) before.to = to;
    else runs.push({ from, to });
  }
  return runs.map(({ from, to }) => new WORDS.Run(from * step, to * step, to - from + 1));
};

// Between which values a probe lies over some pieces, and whether it reaches them; null where it stays the same.
const extentOf = (line, pieces, probe) => {
  const reached = [];
  const met = [];
  const turn = ({ low, high, start, end }) => {
    const up = (x) => slopeOf(line.limit(x, 1).values[probe]) > 0;
    if (!start || !end || slopeOf(start[probe]) * slopeOf(end[probe]) >= 0) return;
    const rising = slopeOf(start[probe]) > 0;
    let [a, b] = [low, high];
    for (let k = 0; k < 200 && (a + b) / 2 > a && (a + b) / 2 < b; k++) {
      if (up((a + b) / 2) === rising) a = (a + b) / 2;
      else b = (a + b) / 2;
    }
    reached.push(valueOf(line.limit(a, 1).values[probe]));
  };
  // Near a pole: as large as one likes, on one side or the other.
  const beyond = ({ low, high }, place) => line.limit(((low + high) / 2 + 9999 * place) / 10000, 1).values[probe];
  for (const piece of pieces) {
    if (piece.at) reached.push(valueOf(piece.at[probe]));
    for (const [limit, place] of [[piece.start, piece.low], [piece.end, piece.high]]) {
      if (!limit) continue;
      const value = valueOf(limit[probe]);
      met.push(Number.isNaN(value) ? Math.sign(valueOf(beyond(piece, place))) * Infinity : value);
    }
    turn(piece);
    if (!piece.at && (piece.high === Infinity || piece.low === -Infinity)) {
      const far = line.limit(piece.high === Infinity ? 1e30 : -1e30, 1).values[probe];
      const grows = Math.abs(slopeOf(far) * 1e30) > 1e-6 * Math.abs(valueOf(far));
      met.push(grows ? Math.sign(valueOf(far)) * Infinity : valueOf(far));
    }
  }
  const all = [...reached, ...met].filter((value) => !Number.isNaN(value));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  if (!all.length || !differ(least, most)) return null;
  const is = (value) => reached.some((one) => !differ(one, value));
  return { low: least, high: most, low_reached: is(least), high_reached: is(most) };
};
