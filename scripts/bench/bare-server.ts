/** What Bun itself can do: reads a body, and answers a small JSON. */
Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  async fetch(request) {
    if (request.method === "POST") await request.json();
    return Response.json({ job_id: "b2c5a3a0-5f8c-4f0e-9b4f-6d1a6a0d2f11" });
  },
});
