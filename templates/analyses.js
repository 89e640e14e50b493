// The analyses of a report in its page: carried out again, a little at a time, once the inputs rest.
const showAnalyses = (analyses, machine, inputs, make, csvButton) => {
  const REST = 120; // milliseconds without a change before work begins
  const SLICE = 7; // milliseconds of work at a time
  const SLOW = 400; // milliseconds after which it is said that there is work
  const bench = new Bench(machine);
  const shown = analyses.map(([kind, ask], number) => {
    const elements = [...document.querySelectorAll(`[data-analysis="${number}"]`)];
    return {
      work: () => ANALYSES[kind](ask, bench),
      probes: [ask.probes, ask.probe, ask.cells?.map((cell) => cell.probe)].flat().filter((probe) => probe !== undefined),
      axes: new Set((ask.axes ?? []).map((axis) => axis.path)),
      elements,
      delivered: elements.map((element) => element.cloneNode(true)),
      leads: null,
      running: null,
      parts: null,
    };
  });

  // ---- tables, drawings and sentences ---------------------------------------------------------------------------------

  const pieces = (parts) => parts.flatMap((part) => {
    if (part.svg !== undefined) return [{ tag: "FIGURE", picture: part }];
    if (!part.columns.length) return WORDS.remarks(part).map((text) => ({ tag: "P", text }));
    return [{ tag: "DIV", listing: WORDS.listing(part), data: WORDS.data_lines(part) }];
  });
  const made = {
    P: () => make("p", { class: "remark" }),
    FIGURE: () => make("figure", {}, make("svg"), make("figcaption", {}, make("span"))),
    DIV: () => make("div", { class: "scroll", tabindex: "0", role: "region" }, make("table", {}, make("caption"))),
  };
  const written = {
    P: (element, { text }) => (element.textContent = text),
    FIGURE: (element, { picture }) => {
      const drawing = new DOMParser().parseFromString(picture.svg, "image/svg+xml").documentElement;
      element.querySelector("svg").replaceWith(document.importNode(drawing, true));
      element.querySelector("figcaption span").textContent = picture.caption;
    },
    DIV: (element, { listing: { caption, headings, lines, note, width, shades } }) => {
      const table = element.querySelector("table");
      const said = note ? `${caption}. ${note}` : caption;
      if (table.caption.firstChild instanceof Text) table.caption.firstChild.data = said; // the button beside it keeps its focus
      else table.caption.prepend(said);
      element.setAttribute("aria-label", caption);
      element.classList.toggle("short", lines.length <= 12);
      table.classList.toggle("small", lines.length > 15);
      table.querySelector("colgroup")?.remove();
      const columns = headings.map(([, , , width]) => make("col", width ? { "data-width": width } : {}));
      for (const column of columns) if (column.dataset.width) column.style.width = `${column.dataset.width}%`;
      const heads = headings.map(([name, unit, numeric]) =>
        make("th", { scope: "col", class: numeric ? undefined : "t" }, name, ...(unit ? [make("small", {}, unit)] : [])));
      const shade = (i, k) => (shades[i]?.[k] ? `h${shades[i][k]}` : headings[k][2] ? undefined : "t");
      const row = (cells, i) => make("tr", {}, ...cells.map((text, k) => make("td", { class: shade(i, k) }, text)));
      table.style.width = width < 100 ? `${Math.round(width)}%` : "";
      table.tHead?.remove();
      for (const body of [...table.tBodies]) body.remove();
      table.append(make("colgroup", {}, ...columns), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...lines.map(row)));
    },
  };
  const button = (analysis, k, element) => {
    const place = element.querySelector("figcaption, caption");
    if (!place || place.querySelector("button")) return;
    const title = () => (element.tagName === "FIGURE" ? place.querySelector("span") : place.firstChild).textContent;
    const name = () => slug(title().split(/[;:(]|\. /)[0]);
    const table = () => {
      analysis.parts ??= finish(analysis);
      const piece = pieces(analysis.parts)[analysis.elements.indexOf(element)];
      return piece.picture ? piece.picture.table : piece.data;
    };
    place.append(csvButton(name, table));
  };
  const show = (analysis) => {
    const found = pieces(analysis.parts);
    let before = null;
    found.forEach((piece, k) => {
      let element = analysis.elements[k];
      if (element === undefined || element.tagName !== piece.tag) {
        element = made[piece.tag]();
        element.dataset.analysis = shown.indexOf(analysis);
        if (analysis.elements[k]) analysis.elements[k].replaceWith(element);
        else before.after(element);
        analysis.elements[k] = element;
      }
      written[piece.tag](element, piece);
      button(analysis, k, element);
      before = element;
    });
    for (const element of analysis.elements.splice(found.length)) element.remove();
  };

  // ---- work -------------------------------------------------------------------------------------------------------------

  const mark = (analysis, word, text = "") => {
    for (const element of analysis.elements) {
      element.classList.toggle("waiting", word === "waiting");
      element.classList.remove("slow");
      element.classList.toggle("stale", word === "stale");
      element.setAttribute("aria-busy", String(word === "waiting"));
      if (text) element.dataset.why = text;
      else delete element.dataset.why;
    }
  };
  // The figures of the report in the place of those that were computed here.
  const deliver = (analysis) => {
    const found = analysis.delivered.map((element) => element.cloneNode(true));
    analysis.elements[0].before(...found);
    for (const element of analysis.elements) element.remove();
    analysis.elements = found;
  };
  // Works until it is done or the time is over. Whether it is done.
  const step = (analysis, until) => {
    try {
      do {
        const { done, value } = analysis.running.next();
        if (!done) continue;
        analysis.parts = value;
        analysis.running = null;
        show(analysis);
        mark(analysis, "");
        return true;
      } while (performance.now() < until);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      analysis.running = null;
      deliver(analysis);
      if (bench.resting) mark(analysis, "");
      else mark(analysis, "stale", `Not computed again in a page: ${error.message}. These are the figures at the inputs of the report.`);
      return true;
    }
    return false;
  };
  const finish = (analysis) => {
    const running = analysis.work();
    for (;;) {
      const { done, value } = running.next();
      if (done) return value;
    }
  };
  const waiting = new Set();
  let [timer, saying] = [0, 0];
  const say = () => [...waiting].flatMap((analysis) => analysis.elements).forEach((element) => element.classList.add("slow"));
  const soon = window.requestIdleCallback ?? ((then) => setTimeout(then, 4));
  const slice = (turn) => {
    if (turn !== timer) return;
    const until = performance.now() + SLICE;
    for (const analysis of waiting) {
      analysis.running ??= analysis.work();
      if (!step(analysis, until)) break;
      waiting.delete(analysis);
    }
    if (waiting.size) soon(() => slice(turn));
  };
  const follows = (analysis, path) => {
    if (analysis.leads === null) {
      analysis.leads = new Set(inputs.filter((one) => !analysis.axes.has(one) && machine.follows(analysis.probes, one)));
    }
    return analysis.leads.has(path);
  };

  for (const analysis of shown) analysis.elements.forEach((element, k) => button(analysis, k, element));
  soon(() => shown.forEach((analysis) => follows(analysis, "")));
  return {
    /** Inputs were changed. */
    changed: (paths) => {
      for (const analysis of shown) {
        if (!paths.some((path) => follows(analysis, path))) continue;
        waiting.add(analysis);
        analysis.parts = null;
        mark(analysis, "waiting");
      }
      for (const analysis of waiting) analysis.running = null;
      clearTimeout(timer);
      clearTimeout(saying);
      if (waiting.size) timer = setTimeout(() => slice(timer), REST);
      if (waiting.size) saying = setTimeout(say, SLOW);
    },
    /** What waits is done at once, as far as the time allows. */
    settle: (until = Infinity) => {
      clearTimeout(timer);
      for (const analysis of waiting) {
        analysis.running ??= analysis.work();
        if (!step(analysis, until)) break;
        waiting.delete(analysis);
      }
      timer = waiting.size ? setTimeout(() => slice(timer), REST) : 0;
    },
  };
};
