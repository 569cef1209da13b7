// What an editor shows for apigctl manifests. Usage: node check.mjs FOLDER_WITH_NODE_MODULES
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Client } from "./client.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = resolve(HERE, "../..");
const SCHEMAS = join(REPOSITORY, "schemas");
const MODULES = join(resolve(process.argv[2]), "node_modules");
const MODELINE = "# yaml-language-server: $schema=../../schemas/apigctl.schema.json\n";

const read = (name) => JSON.parse(readFileSync(join(SCHEMAS, name), "utf8"));
const KINDS = read("apigctl.schema.json").properties.kind.enum;
const GOOD = readFileSync(join(HERE, "documents/all.yaml"), "utf8").split("\n").slice(1).join("\n").split(/^---\n/m);
const good = (kind) => GOOD.find((text) => text.includes(`kind: ${kind}\n`) && !text.includes("external"));

const client = new Client(process.execPath, [join(MODULES, "yaml-language-server/bin/yaml-language-server"), "--stdio"]);
let count = 0, passed = 0, failed = 0;

/** Opens `text`; `|` in it is the cursor. With `head` empty, the schema follows from the editor's settings. */
async function open(text, head = MODELINE) {
  const cursor = text.indexOf("|");
  const whole = head + text.replace("|", "");
  const before = head + text.slice(0, Math.max(cursor, 0));
  const uri = pathToFileURL(join(HERE, `${head ? "document" : "associated"}-${++count}.yaml`)).href;
  const diagnostics = await client.open(uri, whole);
  const lines = before.split("\n");
  const position = { line: lines.length - 1, character: lines.at(-1).length };
  return { diagnostics, lines: whole.split("\n"), at: { textDocument: { uri }, position } };
}

/** Asserts one diagnostic, on the line that contains `line`, that says `message`. */
async function faulty(text, line, message, head) {
  const { diagnostics, lines } = await open(text, head);
  const shown = diagnostics.map((d) => `${d.range.start.line + 1}: ${d.message}`);
  assert.equal(diagnostics.length, 1, `one diagnostic wanted, got ${JSON.stringify(shown)}`);
  assert.equal(lines[diagnostics[0].range.start.line].trim(), line);
  assert.match(diagnostics[0].message, message);
}

async function completions(text) {
  const { at } = await open(text);
  const answer = await client.request("textDocument/completion", at);
  return new Map((answer.items ?? answer).map((item) => [item.label, item]));
}

async function hover(text) {
  const { at } = await open(text);
  return (await client.request("textDocument/hover", at))?.contents?.value ?? "";
}

async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${error.message.replaceAll("\n", "\n      ")}`);
  }
}

const head = (kind, metadata = "{ name: a }") => `apiVersion: apigctl/v1\nkind: ${kind}\nmetadata: ${metadata}\n`;
const fields = (kind) => Object.keys(read(`${kind.toLowerCase()}.schema.json`).properties.spec.properties);

try {
  await client.start(pathToFileURL(REPOSITORY).href, {
    [pathToFileURL(join(SCHEMAS, "apigctl.schema.json")).href]: "**/associated-*.yaml",
  });

  for (const name of readdirSync(SCHEMAS).filter((name) => name.endsWith(".schema.json"))) {
    await check(`ajv --strict accepts ${name}`, () => execFileSync(process.execPath, [
      join(MODULES, "ajv-cli/dist/index.js"), "compile", "--strict=true", "--allow-union-types", "-c", join(HERE, "keywords.cjs"),
      "-s", join(SCHEMAS, name),
    ], { stdio: "pipe" }));
  }

  for (const kind of KINDS) {
    await check(`a good ${kind} has no diagnostics`, async () => {
      assert.ok(good(kind), `documents/all.yaml has no ${kind}`);
      assert.deepEqual((await open(good(kind))).diagnostics, []);
    });
    await check(`an unknown field of a ${kind} is marked on its line`, () =>
      faulty(good(kind).replace(/^spec:( \{.*\})?/m, (all, flow) => flow ? `spec:\n  colour: red` : `spec:\n  colour: red`),
        "colour: red", /Property colour is not allowed/));
    await check(`the own schema of ${kind} accepts a good one`, async () => {
      const uri = pathToFileURL(join(HERE, `document-${++count}.yaml`)).href;
      const own = MODELINE.replace("apigctl.schema", `${kind.toLowerCase()}.schema`);
      assert.deepEqual(await client.open(uri, own + good(kind)), []);
    });
    await check(`the fields of a ${kind}, and only those, are completed`, async () => {
      const metadata = read(`${kind.toLowerCase()}.schema.json`).properties.metadata.required.includes("group")
        ? "{ name: a, group: g }" : "{ name: a }";
      // Besides the fields, the server offers the skeleton of all required ones under the name of the kind.
      const labels = [...(await completions(`${head(kind, metadata)}spec:\n  |\n`)).keys()];
      // While a word is completed, the server takes it for the beginning of a longer one: Group for that of GroupResponse.
      const longer = KINDS.filter((other) => other !== kind && other.startsWith(kind));
      const expected = new Set([kind, ...longer].flatMap(fields));
      assert.deepEqual(labels.filter((label) => label !== kind && !longer.includes(label)).sort(), [...expected].sort());
    });
  }
  await check("a file with all kinds has no diagnostics", async () => {
    assert.deepEqual((await open(GOOD.join("---\n"), "")).diagnostics, []);
    assert.deepEqual((await open(GOOD.join(`---\n${MODELINE}`))).diagnostics, []);
  });
  await check("an external document needs no spec", async () =>
    assert.deepEqual((await open(GOOD.find((text) => text.includes("external: true")))).diagnostics, []));

  await check("a misspelt field deep in a backend", () =>
    faulty(good("Api").replace("timeout: 5s", "timout: 5s"), "timout: 5s", /Property timout is not allowed/));
  // A modeline counts for its own document only, the association in the settings for the whole file.
  const second = good("Throttle").replace("scope: shared", "scop: shared");
  await check("a misspelt field in the second document, with a schema from the settings", () =>
    faulty(`${good("Group")}---\n${second}`, "scop: shared", /Property scop is not allowed/, ""));
  await check("a misspelt field in the second document, with a modeline in each", () =>
    faulty(`${good("Group")}---\n${MODELINE}${second}`, "scop: shared", /Property scop is not allowed/));
  await check("a wrong word of an enum", () =>
    faulty(good("Throttle").replace("scope: shared", "scope: global"), "scope: global", /"perApi", "shared"/));
  await check("a duration without a unit", () =>
    faulty(good("Throttle").replace("per: 1s", "per: fast"), "per: fast", /pattern/));
  await check("a number out of range", () =>
    faulty(good("Api").replace("retries: 2", "retries: 20"), "retries: 20", /maximum/));
  await check("a missing field", () =>
    faulty(good("Throttle").replace("  per: 1s\n", ""), "spec:", /Missing property "per"/));
  await check("a missing group", () =>
    faulty(`${head("Variable")}spec: { values: {} }\n`, "metadata: { name: a }", /Missing property "group"/));
  await check("a group where none belongs", () =>
    faulty(good("Throttle").replace("{ name: gold }", "{ name: gold, group: g }"),
      "metadata: { name: gold, group: g }", /Property group is not allowed/));
  await check("a missing spec", () => faulty(head("Throttle"), "apiVersion: apigctl/v1", /Missing property "spec"/));
  await check("a misspelt kind", () =>
    faulty(good("Throttle").replace("kind: Throttle", "kind: Throtle"), "kind: Throtle", /"Throttle"/));
  await check("an unknown field of the document", () =>
    faulty(`${good("Throttle")}status: ok\n`, "status: ok", /Property status is not allowed/));
  await check("two backends at once", () =>
    faulty(good("Api").replace('backend: { mock: { body: "no" } }', "backend: { mock: {}, grpc: {} }"),
      "backend: { mock: {}, grpc: {} }", /not allowed/i));
  await check("a secret in clear", () =>
    faulty(good("Signature").replace("{ fromEnv: PAYMENTS_KEY }", "hunter2"), "secret: hunter2", /Expected "Secret"/));

  await check("kinds are completed with what they mean", async () => {
    const items = await completions("apiVersion: apigctl/v1\nkind: |\n");
    assert.deepEqual([...items.keys()].sort(), [...KINDS].sort());
    const about = items.get("Throttle").documentation;
    assert.match(about.value ?? about, /request throttling policy/);
  });
  await check("kinds of backends are completed", async () => {
    const labels = [...(await completions(`${head("Api", "{ name: a, group: g }")}spec:\n  backend:\n    |\n`)).keys()];
    for (const label of ["http", "grpc", "function", "mock"]) assert.ok(labels.includes(label), labels.join(", "));
  });
  await check("words of an enum are completed", async () => {
    const labels = [...(await completions(`${head("Throttle")}spec:\n  scope: |\n`)).keys()];
    assert.deepEqual(labels.sort(), ["perApi", "shared"]);
  });
  await check("hovering over a field shows what it is", async () => {
    assert.match(await hover(good("Api").replace("timeout: 5s", "time|out: 5s")), /How long the gateway waits/);
    assert.match(await hover(good("Throttle").replace("scope: shared", "sc|ope: shared")), /All APIs bound to the policy/);
    assert.match(await hover(good("Api").replace("url: ", "u|rl: ")), /`#name#`/);
  });
  await client.stop();
} catch (error) {
  failed += 1;
  console.log(`FAIL  ${error.stack}`);
} finally {
  client.kill();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
