/** The parts of an API description that its examples are in. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Media {
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Parameter extends Media {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly example?: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
  readonly "x-permission-roles"?: readonly string[];
}

/** An example that is all over the description of its operation: what has one name there belongs together. */
export interface Exchange {
  readonly operation: string;
  readonly name: string;
  readonly method: string;
  /** With its parameters and its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly value: unknown };
  readonly answer: { readonly status: number; readonly type: string; readonly body: unknown };
  /** Roles that may call the operation; undefined: everybody. */
  readonly roles: readonly string[] | undefined;
}

/** Every exchange that a description gives as an example. */
export const exchangesOf = ({ paths }: Description): Exchange[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      answersOf(operation).map(({ name, ...answer }) => exchange(method.toUpperCase(), path, operation, name, answer)),
    ),
  );

/** Answers that have an example, by its name. */
export const answersOf = ({ responses }: Operation): (Exchange["answer"] & { readonly name: string })[] =>
  Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).flatMap(([type, { examples = {} }]) =>
      Object.entries(examples).map(([name, { value: body }]) => ({ name, status: Number(status), type, body })),
    ),
  );

function exchange(
  method: string,
  path: string,
  operation: Operation,
  name: string,
  answer: Exchange["answer"],
): Exchange {
  const parameters = (where: Parameter["in"]) =>
    operation.parameters.flatMap((one) => {
      const value = one.examples?.[name]?.value ?? one.example;
      return one.in === where && value !== undefined ? [[one.name, value] as const] : [];
    });
  const [body] = Object.entries(operation.requestBody?.content ?? {}).map(([type, { examples }]) => ({
    type,
    value: examples?.[name]?.value,
  }));
  return {
    operation: operation.operationId,
    name,
    method,
    path: filledIn(path, parameters("path")) + queryOf(parameters("query")),
    headers: Object.fromEntries(parameters("header").map(([header, value]) => [header, String(value)])),
    ...(body?.value === undefined ? {} : { body }),
    answer,
    roles: operation["x-permission-roles"],
  };
}

const filledIn = (path: string, values: readonly (readonly [string, unknown])[]): string =>
  values.reduce((filled, [name, value]) => filled.replace(`{${name}}`, encodeURI(String(value))), path);

function queryOf(values: readonly (readonly [string, unknown])[]): string {
  const parameters = values.flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  return parameters.length ? `?${new URLSearchParams(parameters)}` : "";
}
