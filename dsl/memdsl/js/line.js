// One input moved: how values follow it at once, and where they step or bend. Numbers are pairs of a value and a slope;
// what is compared or rounded is decided as just beside the point, so that both are the limits from that side.
class Dual {
  constructor(value, slope) {
    this.value = value;
    this.slope = slope;
  }
}

// Where the input is, from which side it is looked at (0: the point itself), the grain of its multiples; and what was met
// on the way: the nearest place on that side where a decision turns, whether one turns here, whether a slope has no end,
// and a sum over all decisions.
const beside = { x: 0, side: 0, grain: 0, next: NaN, turns: false, upright: false, decided: 0 };

const _TIE = 1e-12;
const _MOST_TURNS = 5000;
const valueOf = (a) => (typeof a === "object" && a !== null ? a.value : Number(a));
const slopeOf = (a) => (typeof a === "object" && a !== null ? a.slope : 0);
const dual = (value, slope) => (slope === 0 ? value : new Dual(value, slope));
const decide = (what) => (beside.decided = (Math.imul(beside.decided, 31) + what + 7) | 0);
const turning = (place) => {
  const { x, side, next } = beside;
  if (side > 0 ? place > x && !(place >= next) : side < 0 && place < x && !(place <= next)) beside.next = place;
};

// The sign of a - b.
const order = (a, b) => {
  if (typeof a !== "object" && typeof b !== "object") return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
  const [here, there, up, down] = [valueOf(a), valueOf(b), slopeOf(a), slopeOf(b)];
  let slope = up - down;
  if (Math.abs(slope) <= _TIE * Math.max(Math.abs(up), Math.abs(down))) slope = 0;
  const gap = here - there;
  if (Number.isNaN(gap)) return NaN;
  let sign = Math.sign(gap);
  if (Math.abs(gap) <= _TIE * Math.max(Math.abs(here), Math.abs(there), Math.abs(slope * beside.x))) {
    sign = Math.sign(slope) * beside.side;
    if (slope !== 0) beside.turns = true;
  } else if (slope !== 0) turning(beside.x - gap / slope);
  decide(sign);
  return sign;
};

// The whole number below. On multiples of the grain, what goes up by whole numbers has no steps.
const below = (a) => {
  if (typeof a !== "object") return Math.floor(a);
  const { value, slope } = a;
  const { x, side, grain } = beside;
  const stride = slope * grain;
  if (grain && Math.round(stride) !== 0 && Math.abs(stride - Math.round(stride)) <= 1e-9 * Math.abs(stride)) {
    const there = value + slope * (Math.round(x / grain) * grain - x);
    return new Dual(value - (there - Math.floor(there + 1e-9)), slope);
  }
  const whole = Math.round(value);
  let found = Math.floor(value);
  if (Math.abs(value - whole) <= _TIE * Math.max(1, Math.abs(value), Math.abs(slope * x))) {
    found = slope * side < 0 ? whole - 1 : whole;
    beside.turns = true;
    turning(x + (found + (slope * side > 0 ? 1 : 0) - value) / slope);
  } else turning(x + (found + (slope * side > 0 ? 1 : 0) - value) / slope);
  decide(found);
  return found;
};

const added = (a, b) => dual(valueOf(a) + valueOf(b), slopeOf(a) + slopeOf(b));
const negated = (a) => dual(-valueOf(a), -slopeOf(a));
const times = (a, b) => {
  const [u, v] = [valueOf(a), valueOf(b)];
  return dual(u * v, slopeOf(a) * v + u * slopeOf(b));
};
const divided = (a, b) => {
  const [u, v] = [valueOf(a), valueOf(b)];
  order(b, 0);
  return dual(finite(u / v), slopeOf(a) / v - (u * slopeOf(b)) / (v * v));
};
const raised = (a, b) => {
  const [u, v] = [valueOf(a), valueOf(b)];
  const found = finite(u ** v);
  let slope = 0;
  if (slopeOf(a) !== 0) slope += v * u ** (v - 1) * slopeOf(a);
  if (slopeOf(b) !== 0) slope += found * Math.log(u) * slopeOf(b);
  return dual(found, slope);
};
const rooted = (a) => {
  order(a, 0);
  const found = finite(Math.sqrt(valueOf(a)));
  // Where a root begins it is upright: steep enough to go on from there.
  if (found === 0 && slopeOf(a) !== 0) beside.upright = true;
  return dual(found, slopeOf(a) === 0 ? 0 : slopeOf(a) / (2 * (found || 1e-9)));
};
const nearest = (a) => (order(a, 0) < 0 ? negated(below(added(negated(a), 0.5))) : below(added(a, 0.5)));
const best = (all, way) => all.reduce((found, one) => (order(one, found) * way > 0 ? one : found));
const positionOf = (values, way) => {
  let found = 0;
  for (let k = 1; k < values.length; k++) if (order(values[k], values[found]) * way > 0) found = k;
  return found;
};
const summed = ({ values, weights }) => {
  let [sum, slope] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    const [value, weight] = [valueOf(values[k]), valueOf(weights[k])];
    sum += value * weight;
    slope += slopeOf(values[k]) * weight + value * slopeOf(weights[k]);
  }
  return dual(sum, slope);
};
const counted = ({ weights }) => weights.reduce(added, 0);

const two = (make) => (all, [a, b] = all) => (i) => make(a(i), b(i));
const one = (make) => (all, [a] = all) => (i) => make(a(i));
const unfollowed = (name) => (all) => (i) => {
  const values = all.map((part) => part(i));
  if (values.some((value) => value instanceof Dual)) throw new TooMuch(`\`${name}\` cannot be followed along an input`);
  return OPERATIONS[name](values.map((value) => () => value))(i);
};
const { and, or, not, if: choice } = OPERATIONS;
const DUAL = {
  operations: {
    ...Object.fromEntries(Object.keys(OPERATIONS).map((name) => [name, unfollowed(name)])), and, or, not, if: choice,
    "+": two(added), "-": two((a, b) => added(a, negated(b))), "*": two(times), "/": two(divided), "^": two(raised),
    neg: one(negated),
    "==": two((a, b) => (typeof a === "object" || typeof b === "object" ? order(a, b) === 0 : a === b)),
    "!=": two((a, b) => (typeof a === "object" || typeof b === "object" ? order(a, b) !== 0 : a !== b)),
    "<": two((a, b) => order(a, b) < 0), "<=": two((a, b) => order(a, b) <= 0),
    ">": two((a, b) => order(a, b) > 0), ">=": two((a, b) => order(a, b) >= 0),
    min: (all) => (i) => best(all.map((part) => part(i)), -1),
    max: (all) => (i) => best(all.map((part) => part(i)), 1),
    floor: one(below), ceil: one((a) => negated(below(negated(a)))), round: one(nearest),
    sqrt: one(rooted),
    log2: one((a) => (order(a, 0), dual(finite(Math.log2(valueOf(a))), slopeOf(a) / (valueOf(a) * Math.LN2)))),
    exp: one((a) => dual(Math.exp(valueOf(a)), Math.exp(valueOf(a)) * slopeOf(a))),
    abs: one((a) => (order(a, 0) < 0 ? negated(a) : a)),
    clamp: (all, [a, b, c] = all) => (i) => {
      const [x, low, high] = [a(i), b(i), c(i)];
      const lifted = order(low, x) > 0 ? low : x;
      return order(high, lifted) < 0 ? high : lifted;
    },
  },
  aggregates: {
    ...AGGREGATES,
    sum: summed,
    count: counted,
    mean: (chosen) => {
      const weight = counted(chosen);
      if (!valueOf(weight)) throw new NoValue("there is no row to choose from");
      return divided(summed(chosen), weight);
    },
    max: (chosen) => (some(chosen), chosen.values[positionOf(chosen.values, 1)]),
    min: (chosen) => (some(chosen), chosen.values[positionOf(chosen.values, -1)]),
    argmax: (chosen) => (some(chosen), chosen.rows[positionOf(chosen.values, 1)]),
  },
  finite: (a) => {
    finite(valueOf(a));
    finite(slopeOf(a));
    return a;
  },
};

/** Probes along one input: their limits on both sides of a place, and the places where something turns. */
class Line {
  constructor(lens, machine, path, probes, grain) {
    lens.follow(machine);
    this.at = lens.trial([path], probes);
    this.path = path;
    this.grain = grain ?? 0;
    this.now = machine.input(path);
  }

  /** The values just beside a place, below (-1) or above (1), or at it (0). */
  limit(x, side) {
    Object.assign(beside, { x, side, grain: this.grain, next: NaN, turns: false, upright: false, decided: 0 });
    const values = this.at({ [this.path]: new Dual(x, 1) });
    return { values, next: beside.next, turns: beside.turns, upright: beside.upright, decided: beside.decided };
  }

  /** Shows a visitor each place from one on where something turns, with the limits on both sides, until it says so or the
   *  end is reached, beyond which nothing is shown. Pauses between places.
   *
   *  Where what is decided is a straight line its next turn is known; elsewhere it is closed in upon, from this side as long
   *  as nothing else was decided on the way, and by halves after that. */
  *walk(from, side, end, visit) {
    const first = (a, b) => (side > 0 ? a < b : a > b);
    const size = (place) => Math.max(Math.abs(place), 1e-3 * Math.abs(from)) || 1;
    const aside = (place, way) => place + way * 1e-9 * size(place);
    const blind = ({ values }) => values.some((value) => Number.isNaN(value));
    let x = from;
    let near = this.limit(x, side);
    let bound = end; // no turn is looked for beyond it
    let passed = false; // whether one is known to lie before it
    for (let turn = 0; first(x, end); turn++) {
      if (turn > _MOST_TURNS) throw new TooMuch("it changes at too many values of the input");
      yield;
      let place = near.next;
      if (!first(place, bound)) {
        const other = passed ? bound : this.#other(x, side, end, near);
        if (other === null) {
          if (Number.isFinite(end)) visit(end, this.limit(end, -side), null);
          return;
        }
        place = bound = other;
        passed = true;
      }
      const whole = Math.round(place);
      if (Math.abs(place - whole) <= 1e-11 * Math.abs(place) && whole !== x && !first(bound, whole)) place = whole;
      let before = this.limit(place, -side);
      const apart = Math.abs(place - x) > 1e-13 * size(place);
      const pole = before.turns && blind(before) && this.limit(aside(place, -side), side).decided === near.decided;
      if (before.decided !== near.decided && apart && !pole) {
        const middle = (x + place) / 2;
        const there = this.limit(middle, side);
        if (there.decided === near.decided) [x, near, bound] = [middle, there, place];
        else bound = middle;
        passed = true;
        continue;
      }
      if (before.decided !== near.decided) before = this.limit(x, side);
      else if (!before.turns && apart) {
        x = place;
        near = this.limit(x, side);
        continue;
      }
      const after = this.limit(place, side);
      if (visit(place, before, after) === false) return;
      // Nothing is known at a pole, and nothing sure at a turn that was only closed in upon: a little further on it is.
      const unsure = blind(after) || !before.turns;
      x = unsure ? aside(place, side) : place;
      near = unsure ? this.limit(x, side) : after;
      [bound, passed] = [end, false];
    }
  }

  // A place further on where something else is decided than here; null when there seems to be none.
  #other(x, side, end, near) {
    const far = [1, 3, 6, 9, 12, 15].map((power) => x + side * 10 ** power * (Math.abs(x) || 1));
    const tried = Number.isFinite(end) ? [end] : far;
    return tried.find((place) => this.limit(place, -side).decided !== near.decided) ?? null;
  }
}
class TooMuch extends Error {}
