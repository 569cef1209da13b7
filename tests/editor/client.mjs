// The little of the Language Server Protocol that a test needs: a real server over stdio.
import { spawn } from "node:child_process";

const TIMEOUT_MS = 30_000;

export class Client {
  #server; #buffer = Buffer.alloc(0); #next = 1; #pending = new Map(); #published = new Map(); #settings;

  constructor(command, args) {
    this.#server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#server.stdout.on("data", (chunk) => this.#read(chunk));
  }

  #read(chunk) {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const head = this.#buffer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.subarray(0, head))[1]);
      const end = head + 4 + length;
      if (this.#buffer.length < end) return;
      const message = JSON.parse(this.#buffer.subarray(head + 4, end));
      this.#buffer = this.#buffer.subarray(end);
      this.#handle(message);
    }
  }

  #handle({ id, method, params, result, error }) {
    if (method === "textDocument/publishDiagnostics") {
      this.#published.get(params.uri)?.(params.diagnostics);
    } else if (method && id !== undefined) {
      const answer = method === "workspace/configuration" ? params.items.map((item) => this.#settings[item.section] ?? {}) : null;
      this.#send({ id, result: answer });
    } else if (this.#pending.has(id)) {
      const { resolve, reject } = this.#pending.get(id);
      this.#pending.delete(id);
      error ? reject(new Error(error.message)) : resolve(result);
    }
  }

  #send(message) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  notify(method, params) { this.#send({ method, params }); }

  request(method, params) {
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#send({ id, method, params });
    return within(answer, method);
  }

  /** Starts the session; `schemas` says which schema the files of which pattern get. */
  async start(root, schemas) {
    this.#settings = { yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false }, schemas } };
    await this.request("initialize", {
      processId: process.pid, rootUri: root,
      capabilities: {
        workspace: { configuration: true },
        textDocument: {
          hover: { contentFormat: ["markdown"] },
          completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
        },
      },
    });
    this.notify("initialized", {});
    this.notify("workspace/didChangeConfiguration", { settings: this.#settings });
  }

  /** Opens a document and waits for what the server has to say about it. */
  async open(uri, text) {
    const published = new Promise((resolve) => this.#published.set(uri, resolve));
    this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    return within(published, `diagnostics of ${uri}`);
  }

  async stop() {
    await this.request("shutdown", null);
    this.notify("exit");
  }

  kill() { this.#server.kill(); }
}

function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`no answer: ${what}`)), TIMEOUT_MS); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
