import { describe, expect, test } from "bun:test";
import { openApiDocument } from "../../../src/server/docs/document.ts";
import { contract } from "../../contract/contract.ts";
import { testApp } from "../../support/test-app.ts";
import { asIn } from "./alike.ts";
import { answersOf, type Description, type Exchange, exchangesOf, type Operation } from "./exchanges.ts";
import { type Lab, NOBODY, openLab } from "./lab.ts";
import { sceneOf, SCENES } from "./scenes.ts";

const app = await testApp({ oidc: true });
const description = JSON.parse(await openApiDocument(app.routes, { anonymous: false })) as Description;
await app.close();

const exchanges = exchangesOf(description);
const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods));

/** Who the caller is if the scene does not say: the humblest that may call. */
const HUMBLEST = ["contributor", "agent", "manager", "admin"];

contract("every example of the API description is what the server does:", (subject) => {
  test.each(exchanges.map((one) => [`${one.operation}, ${one.name}`, one] as const))("%s", async (_, exchange) => {
    const lab = await openLab(subject);
    try {
      const answer = await act(lab, exchange);
      expect(answer).toEqual({ status: exchange.answer.status, body: exchange.answer.body });
    } finally {
      await lab.close();
    }
  });
});

async function act(lab: Lab, { operation, name, roles, method, path, headers, body, answer }: Exchange) {
  const scene = await sceneOf(operation, name)(lab);
  const { as = HUMBLEST.find((role) => roles?.includes(role)) ?? NOBODY, form, standsFor = {} } = scene;
  const real = (text: string) =>
    Object.entries(standsFor).reduce((done, [sample, value]) => done.replaceAll(sample, value), text);
  const response = await lab.call(as, method, real(path), {
    headers: { ...headers, ...scene.headers, ...(body && { "content-type": body.type }) },
    body: form ?? (body && real(typeof body.value === "string" ? body.value : JSON.stringify(body.value))),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, body: asIn(answer.body, isJson ? JSON.parse(text) : text) };
}

describe("the examples", () => {
  const isReadable = (type: string) => type === "application/json" || type.startsWith("text/");
  const answersReadably = ({ responses }: Operation) =>
    Object.entries(responses).some(
      ([status, { content = {} }]) => Number(status) < 300 && Object.keys(content).some(isReadable),
    );
  const takesJson = ({ requestBody }: Operation) =>
    requestBody !== undefined && "application/json" in requestBody.content;

  test("show the success of every operation that answers JSON or text", () => {
    const silent = operations.filter(
      (one) => answersReadably(one) && !answersOf(one).some(({ status }) => status < 300),
    );
    expect(silent.map(({ operationId }) => operationId)).toEqual([]);
  });

  test("show a body to every operation that takes one", () => {
    const silent = operations.filter(
      (one) => takesJson(one) && Object.keys(one.requestBody?.content["application/json"]?.examples ?? {}).length === 0,
    );
    expect(silent.map(({ operationId }) => operationId)).toEqual([]);
  });

  test("give a value to every parameter of a path and a query, and to every header that is needed", () => {
    const silent = operations.flatMap(({ operationId, parameters }) =>
      parameters
        .filter((one) => (one.in !== "header" || one.required) && one.example === undefined && !one.examples)
        .map(({ name }) => `${operationId}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  test("are shown as the routes declare them: none under a status, a type or a parameter that the operation does not have", () => {
    const ids = new Set(operations.map(({ operationId }) => operationId));
    const declared = app.routes
      .filter(({ id }) => ids.has(id))
      .flatMap(({ id, examples = {} }) =>
        Object.entries(examples).map(([name, example]) => ({ id, name, ...example })),
      );
    const shown = exchanges.map(({ operation, name, path, headers, body, answer }) => {
      const url = new URL(path, "http://localhost");
      return {
        id: operation,
        name,
        url,
        headers,
        body: body?.value,
        answer: { status: answer.status, body: answer.body },
      };
    });
    expect(shown).toHaveLength(declared.length);
    for (const { id, name, params = {}, query = {}, headers = {}, body, answer } of declared) {
      const found = shown.find((one) => one.id === id && one.name === name);
      expect(found, `${id}, ${name}`).toMatchObject({ headers, answer });
      expect(found!.body, `${id}, ${name}`).toEqual(body as never);
      for (const value of Object.values(params)) expect(found!.url.pathname).toContain(value);
      for (const [parameter, value] of Object.entries(query))
        expect(found!.url.searchParams.getAll(parameter)).toEqual([value].flat().map(String));
    }
  });

  test("are where their names say: nothing is shown that belongs to no answer", () => {
    for (const one of operations) {
      const names = answersOf(one).map(({ name }) => name);
      const media = [...one.parameters, ...Object.values(one.requestBody?.content ?? {})];
      const shown = media.flatMap(({ examples = {} }) => Object.keys(examples));
      expect(
        shown.filter((name) => !names.includes(name)),
        one.operationId,
      ).toEqual([]);
      expect(names, one.operationId).toEqual([...new Set(names)]);
    }
  });

  test("all have their scenes", () => {
    const known = new Set(exchanges.flatMap(({ operation, name }) => [operation, `${operation}, ${name}`]));
    expect(Object.keys(SCENES).filter((scene) => !known.has(scene))).toEqual([]);
  });
});
