// The sheet at a point, in a browser: every cell and column computed in order, again only where an input changed.
// The same passes as `memdsl/evaluate`; a value that cannot be computed is NaN, as there.
class NoValue extends Error {}

// A number that there is; anything that is no number passes.
const finite = (value) => {
  if (value !== value || value === Infinity || value === -Infinity) throw new NoValue("there is no value");
  return value;
};

// What a formula reads: where there is no value, it has none either.
const known = (value) => {
  if (value !== value) throw new NoValue("there is no value");
  return value;
};

// ---- aggregates over `chosen`: rows, values and weights of the rows that a condition left ---------------------------

const some = (chosen) => {
  if (!chosen.rows.length) throw new NoValue("there is no row to choose from");
};
const total = ({ values, weights }) => {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += Number(values[k]) * weights[k];
  return sum;
};
const copies = ({ weights }) => weights.reduce((sum, weight) => sum + weight, 0);
const mean = (chosen) => {
  const weight = copies(chosen);
  if (!weight) throw new NoValue("there is no row to choose from");
  return total(chosen) / weight;
};
const place = (values, way) => {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (way > 0 ? values[k] > values[best] : values[k] < values[best]) best = k;
  return best;
};
const extreme = (chosen, way) => {
  some(chosen);
  return chosen.values[place(chosen.values, way)];
};
const argmax = (chosen) => {
  some(chosen);
  return chosen.rows[place(chosen.values, 1)];
};
const first = (chosen) => {
  some(chosen);
  return chosen.rows[0];
};

// ---- the machine ----------------------------------------------------------------------------------------------------

const spread = (runs) => {
  const found = [];
  for (let k = 0; k < runs.length; k += 2) for (let d = 0; d < runs[k + 1]; d++) found.push(runs[k] + d);
  return found;
};

const PLAIN = { operations: OPERATIONS, aggregates: AGGREGATES, finite };

const whole = (value) => {
  if (!Number.isInteger(value)) throw new NoValue("no row");
  return value;
};

const unlike = (a, b) => {
  if (!Array.isArray(a) || !Array.isArray(b)) return !Object.is(a, b);
  for (let k = 0; k < a.length; k++) if (!Object.is(a[k], b[k])) return true;
  return false;
};

const MOST_FOUND = 1024;
const MOST_CHOICES = 20000;

class Machine {
  /** `arithmetic` is what formulas compute with: `operations`, `aggregates`, and `finite`, which refuses what is no value. */
  constructor(program, arithmetic = PLAIN, run = true) {
    this.program = program;
    this.arithmetic = arithmetic;
    this.cellCount = program.cells.length;
    this.found = new Map();
    this.slots = new Map([...program.cellNames, ...program.columnNames].map((name, slot) => [name, slot]));
    this.data = new Array(this.slots.size).fill(null);
    this.variables = new Array(program.variables).fill(0);
    this.lists = program.lists;
    this.fixedRows = new Map();
    this.closures = new Array(program.nodes.length).fill(null);
    this.reads = new Array(program.nodes.length).fill(null);
    this.columns = program.columns.map(([size, fixed, computed]) => {
      const constants = new Array(size).fill(null);
      for (const [value, rows] of fixed) for (const row of spread(rows)) constants[row] = value;
      return { constants, groups: computed.map(([node, rows]) => ({ node, rows: spread(rows) })) };
    });
    this.probes = program.probes.map(([node, variable, rows]) => ({
      node, variable, rows: rows === undefined ? null : spread(rows),
    }));
    this.overrides = new Map();
    this.steps = program.steps.map((step) => this.#step(step));
    this.makers = new Array(this.data.length).fill(-1);
    this.steps.forEach((step, number) => step.makes.forEach((slot) => (this.makers[slot] = number)));
    if (run) for (const step of this.steps) step.run();
  }

  // ---- points -------------------------------------------------------------------------------------------------------

  /** Sets inputs, by path, and computes again what depends on them. Gives the slots that changed. */
  set(values) {
    const changed = new Set();
    for (const [path, value] of Object.entries(values)) {
      const [slot, row] = this.program.inputs[path];
      const rows = this.overrides.get(slot) ?? new Map();
      const now = row < 0 ? this.data[slot] : this.data[slot][row];
      if (now === value) continue;
      this.overrides.set(slot, rows.set(row, value));
      changed.add(this.makers[slot]);
    }
    return this.#propagate(changed, this.steps.keys());
  }

  #propagate(waiting, steps) {
    const dirty = new Set();
    if (!waiting.size) return dirty;
    for (const number of steps) {
      const step = this.steps[number];
      if (!waiting.has(number) && !step.uses.some((slot) => dirty.has(slot))) continue;
      const before = step.makes.map((slot) => this.data[slot]);
      step.run();
      step.makes.forEach((slot, k) => {
        if (unlike(before[k], this.data[slot])) dirty.add(slot);
      });
    }
    return dirty;
  }

  /** Gives a caller the values of some probes at any other value of one input. The point stays where it is. */
  along(probes, path, explore) {
    const [slot, row] = this.program.inputs[path];
    const steps = this.#between(slot, probes);
    const made = new Set(steps.flatMap((number) => this.steps[number].makes));
    const kept = [...made].map((made) => [made, this.data[made]]);
    const set = this.overrides.get(slot);
    const found = explore((point) => {
      this.overrides.set(slot, new Map(set).set(row, point));
      this.#propagate(new Set([this.makers[slot]]), steps);
      return probes.map((probe) => this.probe(probe));
    });
    if (set === undefined) this.overrides.delete(slot);
    else this.overrides.set(slot, set);
    for (const [made, value] of kept) this.data[made] = value;
    return found;
  }

  /** Takes over the point of another machine of the same program. */
  follow(other) {
    other.data.forEach((value, slot) => (this.data[slot] = value));
    this.overrides = new Map([...other.overrides].map(([slot, rows]) => [slot, new Map(rows)]));
  }

  /** A function that gives the values of some probes at other values of some inputs. It leaves the rest where it was. */
  trial(paths, probes) {
    const places = new Map(paths.map((path) => [path, this.program.inputs[path]]));
    const numbers = new Set([...places.values()].flatMap(([slot]) => this.#between(slot, probes)));
    const steps = [...numbers].sort((a, b) => a - b);
    return (values) => {
      const changed = new Set();
      for (const [path, value] of Object.entries(values)) {
        const [slot, row] = places.get(path);
        this.overrides.set(slot, (this.overrides.get(slot) ?? new Map()).set(row, value));
        changed.add(this.makers[slot]);
      }
      this.#propagate(changed, steps);
      return probes.map((probe) => this.probe(probe));
    };
  }

  /** Whether some probes follow an input. */
  follows(probes, path) {
    return this.#between(this.program.inputs[path][0], probes).length > 0;
  }

  /** The inputs that any probe follows, apart from those that show an input itself. */
  leading() {
    const slots = new Set(Object.values(this.program.inputs).map(([slot]) => slot));
    const computes = ({ node }) => {
      const [kind, slot, row] = this.program.nodes[node];
      return !(slots.has(slot) && (kind === "c" || (kind === "f" && row === "at")));
    };
    const needed = new Set(this.probes.filter(computes).flatMap(({ node }) => [...this.#readsOf(node)]));
    for (let number = this.steps.length - 1; number >= 0; number--) {
      const { makes, uses } = this.steps[number];
      if (makes.some((made) => needed.has(made))) uses.forEach((used) => needed.add(used));
    }
    return new Set(Object.keys(this.program.inputs).filter((path) => needed.has(this.program.inputs[path][0])));
  }

  /** The steps that lead from an input to some probes. */
  #between(slot, probes) {
    const needed = new Set(probes.flatMap((probe) => [...this.#readsOf(this.probes[probe].node)]));
    const found = [];
    const reached = new Set([slot]);
    for (let number = this.steps.length - 1; number >= 0; number--) {
      const step = this.steps[number];
      if (step.makes.some((made) => needed.has(made))) {
        step.uses.forEach((used) => needed.add(used));
        found.push(number);
      }
    }
    return found.reverse().filter((number) => {
      const step = this.steps[number];
      const touched = step.makes.includes(slot) || step.uses.some((used) => reached.has(used));
      if (touched) step.makes.forEach((made) => reached.add(made));
      return touched;
    });
  }

  input(path) {
    const [slot, row] = this.program.inputs[path];
    return row < 0 ? this.data[slot] : this.data[slot][row];
  }

  cell(name) {
    return this.data[this.slots.get(name)];
  }

  column(table, name) {
    return this.data[this.slots.get(`${table}\t${name}`)];
  }

  /** The value of a probe, or its values row by row; NaN where there is none. */
  probe(number) {
    const { node, variable, rows } = this.probes[number];
    const closure = this.#closure(node);
    if (rows === null) return this.#attempt(closure, 0);
    return rows.map((row) => {
      this.variables[variable] = row;
      return this.#attempt(closure, row);
    });
  }

  /** The slots that a probe reads directly. */
  readsOf(number) {
    return this.#readsOf(this.probes[number].node);
  }

  // ---- steps --------------------------------------------------------------------------------------------------------

  #step(step) {
    if (Array.isArray(step)) return this.#circuit(step);
    if (step < this.cellCount) {
      const node = this.program.cells[step];
      const closure = this.#closure(node);
      const searched = this.program.nodes[node][0] === "s";
      const run = () => this.#runCell(step, searched ? () => this.#search(step) : closure);
      return { makes: [step], uses: [...this.#readsOf(node)], run };
    }
    const { constants, groups } = this.columns[step - this.cellCount];
    const closures = groups.map(({ node, rows }) => ({ closure: this.#closure(node), rows }));
    const { finite } = this.arithmetic;
    const run = () => {
      const values = constants.slice();
      for (const { closure, rows } of closures) {
        try {
          for (const row of rows) values[row] = finite(closure(row));
        } catch {
          for (const row of rows) values[row] = this.#attempt(closure, row);
        }
      }
      for (const [row, value] of this.overrides.get(step) ?? []) values[row] = value;
      this.data[step] = values;
    };
    return { makes: [step], uses: this.#usesOf(groups), run };
  }

  #circuit(places) {
    const columns = new Map();
    const cells = new Map();
    for (let k = 0; k < places.length; k += 2) {
      const slot = places[k];
      if (places[k + 1] < 0) cells.set(slot, this.#closure(this.program.cells[slot]));
      else if (!columns.has(slot)) {
        const { constants, groups } = this.columns[slot - this.cellCount];
        const byRow = new Array(constants.length).fill(null);
        for (const { node, rows } of groups) for (const row of rows) byRow[row] = this.#closure(node);
        columns.set(slot, { constants, groups, byRow });
      }
    }
    const run = () => {
      for (const [slot, { constants }] of columns) this.data[slot] = constants.slice();
      for (let k = 0; k < places.length; k += 2) {
        const [slot, row] = [places[k], places[k + 1]];
        if (row < 0) {
          this.#runCell(slot, cells.get(slot));
          continue;
        }
        const set = this.overrides.get(slot);
        const closure = columns.get(slot).byRow[row];
        if (set !== undefined && set.has(row)) this.data[slot][row] = set.get(row);
        else if (closure !== null) this.data[slot][row] = this.#attempt(closure, row);
      }
    };
    const uses = [...columns.values()].flatMap(({ groups }) => this.#usesOf(groups));
    for (const slot of cells.keys()) uses.push(...this.#readsOf(this.program.cells[slot]));
    const makes = [...columns.keys(), ...cells.keys()];
    return { makes, uses: [...new Set(uses)].filter((slot) => !makes.includes(slot)), run };
  }

  #runCell(slot, closure) {
    const set = this.overrides.get(slot);
    this.data[slot] = set !== undefined && set.has(-1) ? set.get(-1) : this.#attempt(closure, 0);
  }

  #attempt(closure, row) {
    try {
      return this.arithmetic.finite(closure(row));
    } catch (error) {
      if (error instanceof NoValue || error instanceof TypeError) return NaN;
      throw error;
    }
  }

  #usesOf(groups) {
    return [...new Set(groups.flatMap(({ node }) => [...this.#readsOf(node)]))];
  }

  // ---- formulas -----------------------------------------------------------------------------------------------------

  #readsOf(number) {
    if (this.reads[number] !== null) return this.reads[number];
    const node = this.program.nodes[number];
    const found = new Set();
    const add = (inner) => this.#readsOf(inner).forEach((slot) => found.add(slot));
    const addRow = (kind, inner) => kind === "pick" && add(inner);
    if (node[0] === "c") found.add(node[1]);
    else if (node[0] === "f") {
      found.add(node[1]);
      addRow(node[2], node[3]);
    } else if (node[0] === "a") node.slice(2).forEach(add);
    else if (node[0] === "m") {
      node[3].forEach(add);
      node[4].forEach((slot) => found.add(slot));
    } else if (node[0] === "s") node[2].forEach(add);
    else if (node[0] === "r") {
      node.slice(3, 6).filter((inner) => inner >= 0).forEach(add);
      if (node[6] === "related") addRow(node[8], node[9]);
    }
    this.reads[number] = found;
    return found;
  }

  #closure(number) {
    this.closures[number] ??= this.#make(this.program.nodes[number]);
    return this.closures[number];
  }

  #make(node) {
    const { data } = this;
    const slot = node[1];
    switch (node[0]) {
      case "k":
        return () => slot;
      case "c":
        return () => known(data[slot]);
      case "f": {
        if (node[2] === "here") return (i) => known(data[slot][i]);
        const row = this.#row(node[2], node[3]);
        return (i) => known(data[slot][row(i)]);
      }
      case "a":
        return this.arithmetic.operations[node[1]](node.slice(2).map((inner) => this.#closure(inner)));
      case "m":
        return this.#method(node);
      case "s":
        return () => {
          throw new NoValue("a search is no part of a formula");
        };
      default:
        return this.#reduce(node);
    }
  }

  /** What a method finds, from numbers and whole columns; the question asked last is answered once. */
  #method([, method, part, given, columns, inputs]) {
    const closures = given.map((inner) => this.#closure(inner));
    const number = (value) => {
      const found = value === null || value === undefined ? 0 : Number(value);
      if (typeof value === "object" && value !== null || Number.isNaN(found)) throw new NoValue("nothing to search with");
      return found;
    };
    return (i) => {
      const numbers = closures.map((closure) => number(closure(i)));
      const lists = columns.map((slot) => this.data[slot]);
      const key = `${method} ${numbers.join(" ")}`;
      let known = this.found.get(key);
      if (known === undefined || known.lists.some((list, k) => unlike(list, lists[k]))) {
        if (this.found.size >= MOST_FOUND) this.found.delete(this.found.keys().next().value);
        const listed = lists.map((list) => list.map(number));
        const answer = lists.length ? FINDERS[method](numbers, listed, this.lists[inputs]) : FINDERS[method](numbers);
        known = { lists, answer };
        this.found.set(key, known);
      }
      const value = columns.length ? known.answer[part][i] : known.answer[part];
      if (Number.isNaN(value)) throw new NoValue("nothing fits");
      return value;
    };
  }

  /** The value of a cell with which a goal is the least: every value that it, and those chosen with it, may have is tried. */
  #search(slot) {
    const [cells, goal, checks] = this.program.searches[this.program.nodes[this.program.cells[slot]][1]];
    const first = cells.findIndex(([cell]) => cell === slot);
    const open = cells.slice(first).filter(([cell]) => !this.overrides.get(cell)?.has(-1));
    const at = (node) => this.#closure(node)(0);
    const values = open.map(([, ends, listed]) => {
      if (listed.length) return listed.map(at);
      if (ends[0] < 0 || ends[1] < 0) return [];
      const step = ends[2] < 0 ? 1 : at(ends[2]);
      const [low, high] = [Math.ceil(at(ends[0]) / step - 1e-9), Math.floor(at(ends[1]) / step + 1e-9)];
      return Array.from({ length: Math.max(0, high - low + 1) }, (_, k) => step * (low + k));
    });
    const together = cells.map(([cell]) => cell);
    const moved = new Set(together);
    const after = this.steps.filter((step) => {
      const touched = step.uses.some((used) => moved.has(used)) && !together.some((cell) => step.makes.includes(cell));
      if (touched) step.makes.forEach((made) => moved.add(made));
      return touched;
    });
    const required = checks.filter(([node]) => [...this.#readsOf(node)].some((read) => moved.has(read)));
    const needed = new Set([goal, ...required.map(([node]) => node)].flatMap((node) => [...this.#readsOf(node)]));
    const steps = after.reverse().filter((step) => {
      const wanted = step.makes.some((made) => needed.has(made));
      if (wanted) step.uses.forEach((used) => needed.add(used));
      return wanted && !together.some((cell) => step.makes.includes(cell));
    }).reverse();
    const touched = [...open.map(([cell]) => cell), ...steps.flatMap((step) => step.makes)];
    const kept = touched.map((made) => this.data[made]);
    let [least, best] = [Infinity, NaN];
    const count = values.reduce((product, all) => product * all.length, 1);
    if (count > MOST_CHOICES) return NaN;
    for (let number = 0; number < count; number++) {
      let rest = number;
      for (let k = open.length - 1; k >= 0; k--) {
        this.data[open[k][0]] = values[k][rest % values[k].length];
        rest = Math.floor(rest / values[k].length);
      }
      const chosen = this.data[slot];
      for (const step of steps) step.run();
      const found = this.#attempt(this.#closure(goal), 0);
      const holds = ([node, rows]) => rows.every((row) => this.#attempt(this.#closure(node), row) === true);
      if (found < least && required.every(holds)) [least, best] = [found, chosen];
    }
    touched.forEach((made, k) => (this.data[made] = kept[k]));
    return best;
  }

  #row(kind, value) {
    const { variables } = this;
    switch (kind) {
      case "here":
        return (i) => i;
      case "at":
        return () => value;
      case "slot": {
        const given = this.lists[value];
        return (i) => given[i];
      }
      case "var":
        return () => variables[value];
      default: {
        const picked = this.#closure(value);
        return (i) => whole(picked(i));
      }
    }
  }

  #rows(node) {
    const list = node[7];
    if (node[6] === "rows") {
      if (!this.fixedRows.has(list)) this.fixedRows.set(list, spread(this.lists[list]));
      const fixed = this.fixedRows.get(list);
      return () => fixed;
    }
    const related = this.lists[list];
    if (node[8] === "here") return (i) => related[i];
    const of = this.#row(node[8], node[9]);
    return (i) => related[of(i)];
  }

  #reduce(node) {
    const [, op, variable, body, where, weight] = node;
    const { variables } = this;
    const rows = this.#rows(node);
    const [value, wanted, copy] = [body, where, weight].map((inner) => (inner < 0 ? null : this.#closure(inner)));
    const finish = this.arithmetic.aggregates[op];
    const { finite } = this.arithmetic;
    return (i) => {
      const outer = variables[variable];
      const chosen = { rows: [], values: [], weights: [] };
      try {
        for (const row of rows(i)) {
          variables[variable] = row;
          if (wanted !== null && !wanted(i)) continue;
          chosen.rows.push(row);
          chosen.values.push(value === null ? 1 : finite(value(i)));
          chosen.weights.push(copy === null ? 1 : copy(i));
          if (op === "first") break;
        }
      } finally {
        variables[variable] = outer;
      }
      return finish(chosen);
    };
  }
}
