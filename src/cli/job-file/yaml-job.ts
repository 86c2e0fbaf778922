import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  Scalar,
  type YAMLError,
  type YAMLMap,
  visit,
} from "yaml";
import { Float, type Json, type JsonObject } from "../format/json-value.ts";
import { floatText } from "../format/python-number.ts";
import { JobSyntaxError } from "./problem.ts";
import { plainScalar, taggedScalar, UnusableScalar } from "./yaml-scalar.ts";

/** Values a document may come to once its aliases are written out: nine lines can name a billion. */
const MAX_VALUES = 1_000_000;
const MAX_DEPTH = 500;

/**
 * Reads one YAML document by the rules that PyYAML applies to jobs (command-line section 7.1). The library reads the
 * syntax; what scalars mean and how keys become texts is decided here, because its YAML 1.1 differs (`y`, `1e3`).
 *
 * @returns null for a document without content
 * @throws {JobSyntaxError}
 */
export function parseYaml(text: string): Json {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    version: "1.1",
    lineCounter,
    prettyErrors: false,
    strict: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error) throw problemAt(lineCounter, error.pos[0], reasonOf(error));
  return new Builder(lineCounter, aliasTargets(document)).value(document.contents);
}

/** What every alias stands for: the last node before it that has its anchor. */
function aliasTargets(document: Document.Parsed): ReadonlyMap<Alias, ParsedNode> {
  // In one pass: the library's own `resolve` walks the document anew for each alias.
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<Alias, ParsedNode>();
  visit(document, {
    Value: (_, node) => void (node.anchor !== undefined && anchors.set(node.anchor, node as ParsedNode)),
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target) targets.set(alias, target);
    },
  });
  return targets;
}

function reasonOf({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") return "only one document is allowed in a job, and here a second one begins";
  if (code === "TAB_AS_INDENT") return "tabs cannot be used for indentation: use blanks";
  if (code === "BAD_INDENT" && message.startsWith("Flow ")) {
    return "a closing bracket is missing, or stands further left than its key";
  }
  if (message.startsWith("Missing closing")) {
    return "a closing quote is missing, or a continued line is not indented more than its key";
  }
  if (message.startsWith("Maximum call stack")) return "the job is nested too deeply";
  return message.replace(/\s+/g, " ");
}

function problemAt(lines: LineCounter, offset: number, reason: string): JobSyntaxError {
  const { line, col } = lines.linePos(offset);
  return new JobSyntaxError(reason, line, col);
}

/** A key as Python tells keys apart: `1`, `1.0` and `true` are one key, `"1"` is another. */
interface Key {
  readonly identity: string;
  readonly name: string;
}

class Builder {
  private count = 0;
  /** Collections that are being built, to notice one that contains itself. */
  private readonly open = new Set<ParsedNode>();

  constructor(
    private readonly lines: LineCounter,
    private readonly targets: ReadonlyMap<Alias, ParsedNode>,
  ) {}

  value(node: ParsedNode | null): Json {
    if (node === null) return null;
    this.countValue(node);
    if (isAlias(node)) return this.value(this.target(node));
    if (isScalar(node)) return this.scalar(node);
    return this.enclosed(node, () => {
      if (isMap(node)) return this.mapping(node as YAMLMap.Parsed);
      this.requireTag(node, "seq");
      return isSeq(node) ? node.items.map((item) => this.value(item as ParsedNode | null)) : null;
    });
  }

  private mapping(node: YAMLMap.Parsed): JsonObject {
    this.requireTag(node, "map");
    const entries = new Map<string, [name: string, value: Json]>();
    this.collect(node, entries);
    return new Map(entries.values());
  }

  /** Adds the entries of a mapping: first what it merges (`<<`), then its own, the last one of a key winning. */
  private collect(node: YAMLMap.Parsed, entries: Map<string, [name: string, value: Json]>): void {
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) this.merge(value, entries);
    }
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) continue;
      const { identity, name } = this.key(key);
      entries.set(identity, [entries.get(identity)?.[0] ?? name, this.value(value)]);
    }
  }

  private merge(node: ParsedNode | null, entries: Map<string, [name: string, value: Json]>): void {
    const source = node !== null && isAlias(node) ? this.target(node) : node;
    if (source !== null && isMap(source)) {
      this.countValue(source);
      this.enclosed(source, () => this.collect(source as YAMLMap.Parsed, entries));
    } else if (source !== null && isSeq(source)) {
      // The first of several mappings has the last word.
      for (const item of source.items.toReversed()) {
        const mapping = isAlias(item) ? this.target(item) : (item as ParsedNode | null);
        if (!isMap(mapping)) throw this.problem(item as ParsedNode, "only mappings can be merged");
        this.merge(mapping, entries);
      }
    } else {
      throw this.problem(source, "only a mapping or a list of mappings can be merged");
    }
  }

  private key(node: ParsedNode | null): Key {
    const target = node !== null && isAlias(node) ? this.target(node) : node;
    if (target !== null && !isScalar(target)) throw this.problem(node, "a key cannot be a mapping or a list");
    const value = target === null ? null : this.scalar(target);
    if (typeof value === "string") return { identity: `text ${value}`, name: value };
    if (value === null) return { identity: "null", name: "null" };
    if (typeof value === "boolean") return { identity: `number ${Number(value)}`, name: String(value) };
    if (typeof value === "bigint") return { identity: `number ${value}`, name: String(value) };
    const number = value instanceof Float ? value.value : (value as number);
    const name = value instanceof Float || !Number.isInteger(number) ? floatText(number) : String(number);
    return { identity: `number ${number}`, name };
  }

  private scalar(node: Scalar.Parsed): Json {
    try {
      if (node.tag !== undefined && node.tag !== "!") return taggedScalar(node.source, node.tag);
      return node.type === Scalar.PLAIN || node.type === undefined ? plainScalar(node.source) : node.source;
    } catch (error) {
      if (error instanceof UnusableScalar) throw this.problem(node, error.message);
      throw error;
    }
  }

  private target(alias: Alias.Parsed): ParsedNode {
    const target = this.targets.get(alias);
    if (!target) throw this.problem(alias, `no anchor &${alias.source} comes before this alias`);
    return target;
  }

  private enclosed<T>(node: ParsedNode, build: () => T): T {
    if (this.open.has(node)) throw this.problem(node, "an anchor cannot contain an alias to itself");
    if (this.open.size >= MAX_DEPTH) throw this.problem(node, `more than ${MAX_DEPTH} levels of nesting`);
    this.open.add(node);
    const value = build();
    this.open.delete(node);
    return value;
  }

  private countValue(node: ParsedNode): void {
    if (++this.count > MAX_VALUES) throw this.problem(node, `more than ${MAX_VALUES} values: too many aliases`);
  }

  private requireTag(node: ParsedNode, kind: "map" | "seq"): void {
    if (node.tag === undefined || node.tag === "!" || node.tag === `tag:yaml.org,2002:${kind}`) return;
    throw this.problem(node, `the tag ${node.tag} is not allowed in a job`);
  }

  private problem(node: ParsedNode | null, reason: string): JobSyntaxError {
    return problemAt(this.lines, node?.range[0] ?? 0, reason);
  }
}

const isMergeKey = (key: ParsedNode | null): boolean =>
  isScalar(key) && key.type === Scalar.PLAIN && key.source === "<<" && key.tag === undefined;
