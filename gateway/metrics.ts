/** Counts what the gateway does, as Prometheus reads it. Labels are names of ours, never what a client wrote. */

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

const METRICS = {
  gateway_requests_total: { kind: "counter", help: "Requests to the graph, by the viewer's role and HTTP status." },
  gateway_errors_total: { kind: "counter", help: "Errors in answers, by code." },
  gateway_request_seconds: { kind: "histogram", help: "Time to answer a request to the graph." },
  gateway_source_asks_total: { kind: "counter", help: "Times a source was asked." },
  gateway_source_failures_total: { kind: "counter", help: "Times a source did not answer." },
  gateway_uncompiled_total: { kind: "counter", help: "Operations left to Apollo's own execution." },
  gateway_source_uncompiled_total: { kind: "counter", help: "Answers that a source made by GraphQL's own execution." },
  gateway_source_seconds: { kind: "histogram", help: "Time a source took to answer or fail." },
  gateway_source_repeats_total: { kind: "counter", help: "Questions to a source that were asked once more." },
  gateway_source_circuit: { kind: "gauge", help: "0: a source is asked; 1: on trial; 2: left alone, for it failed." },
  gateway_deprecated_total: { kind: "counter", help: "Requests that asked for something deprecated, by what." },
  gateway_subscriptions_open: { kind: "gauge", help: "Subscriptions that are open." },
  process_resident_memory_bytes: { kind: "gauge", help: "Memory of a process." },
  process_cpu_seconds_total: { kind: "counter", help: "Processor time of a process, its own and the system's." },
} as const satisfies Record<string, { readonly kind: "counter" | "gauge" | "histogram"; readonly help: string }>;

type Named<Kind> = { [Name in keyof typeof METRICS]: (typeof METRICS)[Name]["kind"] extends Kind ? Name : never };
export type CounterName = Named<"counter">[keyof typeof METRICS];
export type HistogramName = Named<"histogram">[keyof typeof METRICS];
export type GaugeName = Named<"gauge">[keyof typeof METRICS];
type Labels = Readonly<Record<string, string>>;

/** What is looked at when somebody reads the metrics. */
export type Reading = () => readonly { readonly labels: Labels; readonly value: number }[];

interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export class Metrics {
  private readonly counters = new Map<string, Map<string, number>>();
  private readonly histograms = new Map<string, Map<string, Histogram>>();
  private readonly readings = new Map<string, Reading>();

  /** What counts itself elsewhere, and what goes up and down. */
  watch(name: CounterName | GaugeName, reading: Reading): void {
    this.readings.set(name, reading);
  }

  count(name: CounterName, labels: Labels): void {
    const series = seriesOf(this.counters, name);
    const key = labelText(labels);
    series.set(key, (series.get(key) ?? 0) + 1);
  }

  observe(name: HistogramName, seconds: number, labels: Labels = NONE): void {
    const series = seriesOf(this.histograms, name);
    const key = labelText(labels);
    let histogram = series.get(key);
    if (histogram === undefined) {
      histogram = { buckets: SECONDS.map(() => 0), sum: 0, count: 0 };
      series.set(key, histogram);
    }
    for (let at = SECONDS.length - 1; at >= 0 && seconds <= (SECONDS[at] ?? 0); at--)
      histogram.buckets[at] = (histogram.buckets[at] ?? 0) + 1;
    histogram.sum += seconds;
    histogram.count += 1;
  }

  /** Prometheus text format 0.0.4. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { kind, help }] of Object.entries(METRICS)) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
      for (const [labels, value] of this.counters.get(name) ?? []) lines.push(`${name}${braced(labels)} ${value}`);
      for (const { labels, value } of this.readings.get(name)?.() ?? [])
        lines.push(`${name}${braced(labelText(labels))} ${value}`);
      for (const [labels, { buckets, sum, count }] of this.histograms.get(name) ?? []) {
        const bounds = [...SECONDS.map(String), "+Inf"];
        for (const [at, value] of [...buckets, count].entries())
          lines.push(`${name}_bucket${braced(labels, `le="${bounds[at]}"`)} ${value}`);
        lines.push(`${name}_sum${braced(labels)} ${sum}`, `${name}_count${braced(labels)} ${count}`);
      }
    }
    return `${lines.join("\n")}\n`;
  }
}

function seriesOf<Value>(all: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const known = all.get(name);
  if (known !== undefined) return known;
  const made = new Map<string, Value>();
  all.set(name, made);
  return made;
}

const NONE: Labels = {};

/** Labels → their text. Most labels are the same object each time, and to write them anew is most of what counting costs. */
const TEXTS = new WeakMap<Labels, string>();

function labelText(labels: Labels): string {
  let text = TEXTS.get(labels);
  if (text !== undefined) return text;
  text = Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",");
  TEXTS.set(labels, text);
  return text;
}

function braced(...labels: readonly string[]): string {
  const given = labels.filter((each) => each !== "");
  return given.length === 0 ? "" : `{${given.join(",")}}`;
}

/** The metrics of several processes as those of one: what was counted is added up, of a state the worst is told. */
export function addedUp(texts: readonly string[]): string {
  const values = new Map<string, number | null>();
  for (const line of texts.flatMap((text) => text.split("\n"))) {
    const [, series = "", value = ""] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (series === "") {
      if (line !== "") values.set(line, null);
      continue;
    }
    const [before, told] = [values.get(series) ?? 0, Number(value)];
    values.set(
      series,
      values.has(`# TYPE ${series.replace(/\{.*/, "")} gauge`) ? Math.max(before, told) : before + told,
    );
  }
  return `${[...values].map(([line, value]) => (value === null ? line : `${line} ${value}`)).join("\n")}\n`;
}
