// SPDX-License-Identifier: Apache-2.0
"use strict";
// The published Node client of Toxiproxy against `faultline proxy`, every call it has, and the effect of
// every type of toxic on a real connection. Run by run.sh: FAULTLINE_API=http://127.0.0.1:8474 node client_test.js

const assert = require("node:assert/strict");
const net = require("node:net");
const { after, before, beforeEach, test } = require("node:test");
const { Toxiproxy } = require("toxiproxy-node-client");

const toxiproxy = new Toxiproxy(process.env.FAULTLINE_API);
const patience = 60_000; // ms for anything to happen

let server; // sends back what comes
let upstream;

before(async () => {
  server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  upstream = `127.0.0.1:${server.address().port}`;
});

after(() => server.close());

beforeEach(async () => {
  for (const proxy of Object.values(await toxiproxy.getAll())) await proxy.remove();
});

function createProxy(name = "redis") {
  return toxiproxy.createProxy({ name, listen: "127.0.0.1:0", upstream });
}

function addToxic(proxy, type, attributes, more = {}) {
  const name = `${type}_downstream`;
  return proxy.addToxic({ name, type, stream: "downstream", toxicity: 1, attributes, ...more });
}

/** A connection that remembers what came and how it ended: "closed", or the code of its error. */
class Connection {
  constructor(address) {
    const [host, port] = address.split(":");
    this.received = "";
    this.socket = net.connect({ host, port: Number(port), allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.ended = new Promise((resolve) => {
      this.socket.on("end", () => resolve("closed"));
      this.socket.on("error", (error) => resolve(error.code));
    });
    this.socket.on("data", (data) => (this.received += data));
  }

  /** Waits until so many bytes have come in all. */
  async receive(length) {
    const deadline = Date.now() + patience;
    while (this.received.length < length) {
      const ended = await Promise.race([this.ended, new Promise((soon) => setImmediate(soon))]);
      if (ended !== undefined && this.received.length < length) break;
      assert.ok(Date.now() < deadline, "it took too long");
    }
    return this.received;
  }

  async end() {
    const how = await this.ended;
    this.socket.destroy();
    return how;
  }
}

/** Sends a text through the proxy and returns the answer and how many ms it took. */
async function exchange(proxy, text) {
  const connection = new Connection(proxy.listen);
  const start = process.hrtime.bigint();
  connection.socket.write(text);
  const answer = await connection.receive(text.length);
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  connection.socket.destroy();
  return { answer, took };
}

function fails(promise, status) {
  return assert.rejects(promise, { message: `Request failed with status code ${status}` });
}

// ---- proxies

test("the version is one of the second API", async () => {
  assert.match(JSON.parse(await toxiproxy.getVersion()).version, /^2\./);
});

test("a proxy is created, shown and carries bytes", async () => {
  const proxy = await createProxy();
  assert.deepEqual(proxy.toJson(), { name: "redis", listen: proxy.listen, upstream, enabled: true });
  assert.match(proxy.listen, /^127\.0\.0\.1:[1-9]\d*$/);
  assert.deepEqual((await toxiproxy.get("redis")).toJson(), proxy.toJson());
  assert.deepEqual(Object.keys(await toxiproxy.getAll()), ["redis"]);
  assert.equal((await exchange(proxy, "hello")).answer, "hello");
});

test("what is wrong is an error", async () => {
  await createProxy();
  await fails(createProxy(), 409);
  await fails(toxiproxy.get("other"), 404);
  await fails(toxiproxy.createProxy({ name: "other" }), 400);
  const proxy = await toxiproxy.get("redis");
  await fails(addToxic(proxy, "nonsense", {}), 400);
  await fails(proxy.getToxic("nonsense"), 404);
});

test("a proxy is disabled, enabled, moved and removed", async () => {
  const proxy = await createProxy();
  const open = new Connection(proxy.listen);
  open.socket.write("x");
  await open.receive(1);
  const off = await proxy.update({ enabled: false, listen: proxy.listen, upstream });
  assert.equal(off.enabled, false);
  await open.end();
  assert.equal(await new Connection(proxy.listen).end(), "ECONNREFUSED");
  const on = await proxy.update({ enabled: true, listen: proxy.listen, upstream });
  assert.deepEqual(on.toJson(), proxy.toJson());
  assert.equal((await exchange(on, "again")).answer, "again");
  const moved = await proxy.update({ enabled: true, listen: "127.0.0.1:0", upstream });
  assert.equal((await exchange(moved, "moved")).answer, "moved");
  await proxy.remove();
  assert.deepEqual(await toxiproxy.getAll(), {});
  assert.equal(await new Connection(moved.listen).end(), "ECONNREFUSED");
});

test("populate makes what is missing", async () => {
  const wanted = ["a", "b"].map((name) => ({ name, listen: "127.0.0.1:0", upstream }));
  const made = await toxiproxy.populate(wanted);
  assert.deepEqual(Object.keys(made), ["a", "b"]);
  assert.equal((await exchange(made.b, "hello")).answer, "hello");
  const again = await toxiproxy.populate(wanted);
  assert.equal(again.a.listen, made.a.listen);
});

test("reset enables every proxy and removes every toxic", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "timeout", { timeout: 0 });
  await proxy.update({ enabled: false, listen: proxy.listen, upstream });
  await toxiproxy.reset();
  assert.equal((await toxiproxy.get("redis")).enabled, true);
  await fails(proxy.getToxic("timeout_downstream"), 404);
  assert.equal((await exchange(proxy, "hello")).answer, "hello");
});

// ---- toxics

test("a toxic is added, shown, changed and removed", async () => {
  const proxy = await createProxy();
  const toxic = await addToxic(proxy, "latency", { latency: 100, jitter: 0 });
  assert.deepEqual(toxic.toJson(), {
    name: "latency_downstream",
    type: "latency",
    stream: "downstream",
    toxicity: 1,
    attributes: { latency: 100, jitter: 0 },
  });
  assert.deepEqual((await proxy.getToxic(toxic.name)).toJson(), toxic.toJson());
  assert.ok((await exchange(proxy, "x")).took >= 100);
  const changed = await toxic.update({ ...toxic.toJson(), attributes: { latency: 150 } });
  assert.deepEqual(changed.attributes, { latency: 150, jitter: 0 });
  assert.ok((await exchange(proxy, "x")).took >= 150);
  await toxic.remove();
  await fails(proxy.getToxic(toxic.name), 404);
});

test("latency upstream and downstream add up", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "latency", { latency: 60, jitter: 10 });
  await addToxic(proxy, "latency", { latency: 60 }, { name: "up", stream: "upstream" });
  assert.ok((await exchange(proxy, "x")).took >= 110);
});

test("bandwidth takes its time", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "bandwidth", { rate: 1000 });
  assert.ok((await exchange(proxy, "x".repeat(300_000))).took >= 200);
});

test("slow_close delays the end", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "slow_close", { delay: 150 });
  const connection = new Connection(proxy.listen);
  const start = Date.now();
  connection.socket.end("x");
  assert.equal(await connection.end(), "closed");
  assert.equal(connection.received, "x");
  assert.ok(Date.now() - start >= 149);
});

test("timeout lets nothing pass and closes", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "timeout", { timeout: 100 });
  const connection = new Connection(proxy.listen);
  connection.socket.write("x");
  await connection.end();
  assert.equal(connection.received, "");
});

test("reset_peer resets", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "reset_peer", { timeout: 50 });
  assert.equal(await new Connection(proxy.listen).end(), "ECONNRESET");
});

test("slicer keeps every byte", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "slicer", { average_size: 100, size_variation: 20, delay: 1000 });
  const text = "0123456789".repeat(200);
  const { answer, took } = await exchange(proxy, text);
  assert.equal(answer, text);
  assert.ok(took >= 10, "16 slices or more, a millisecond apart");
});

test("limit_data closes after so many bytes", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "limit_data", { bytes: 3 });
  const connection = new Connection(proxy.listen);
  connection.socket.write("hello");
  await connection.end();
  assert.equal(connection.received, "hel");
});

test("noop does nothing", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "noop", {});
  assert.equal((await exchange(proxy, "hello")).answer, "hello");
});

test("toxicity 0 spares every connection", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "reset_peer", { timeout: 0 }, { toxicity: 0 });
  assert.equal((await exchange(proxy, "hello")).answer, "hello");
});

test("a toxic of Faultline's own kind corrupts", async () => {
  const proxy = await createProxy();
  await addToxic(proxy, "link.corrupt", { rate: "100%" }, { name: "flip", stream: "upstream" });
  const connection = new Connection(proxy.listen);
  connection.socket.setEncoding("latin1");
  connection.socket.write("AAAA");
  assert.equal(await connection.receive(4), "\xbe\xbe\xbe\xbe");
  connection.socket.destroy();
});
