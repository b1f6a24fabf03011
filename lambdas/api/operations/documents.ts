import { jsonReply, type Operation, operation } from "../operation.ts";

const CACHE_HEADERS = { "cache-control": "private, max-age=30" };

/** @param all every operation of the API, this one among them */
export const getOpenApi = (all: () => readonly Operation[]): Operation =>
  operation({
    id: "getOpenApi",
    method: "GET",
    path: "/v1/openapi.json",
    tag: "Service",
    summary: "This API as an OpenAPI document",
    description: "Version 3.1, or 3.0 for tools that know no later one.",
    query: "openApiQuery",
    answers: [{ status: 200, description: "The document.", schema: "openApiAnswer" }],
    problems: [],
    async answer({ dependencies, query, basePath }) {
      // Only who asks for the document pays for making it.
      const { openApiDocument } = await import("../openapi.ts");
      return jsonReply(
        await openApiDocument(all(), dependencies, query.version, basePath),
        200,
        CACHE_HEADERS,
      );
    },
  });

const page = {
  method: "GET",
  tag: "Service",
  summary: "This API as a page to read and to try",
  description: "It holds everything it needs; its script talks to this API only.",
  answers: [{ status: 200, description: "The page.", contentType: "text/html; charset=utf-8" }],
  problems: [],
  async answer() {
    const { apiPage, apiPageHeaders } = await import("../page/page.ts");
    return { status: 200, contentType: "text/html; charset=utf-8", body: apiPage, headers: apiPageHeaders };
  },
} as const;

export const getPage = operation({ ...page, id: "getPage", path: "/" });
export const getDocs = operation({ ...page, id: "getDocs", path: "/docs" });
