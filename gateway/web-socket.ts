/**
 * Subscriptions over WebSocket, as `graphql-transport-ws` has it. Who asks is said once, when the connection begins
 * (`connection_init` with `authorization`, as browsers cannot send a header), and the connection ends with its token.
 */

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type DocumentNode, type ExecutionResult, GraphQLError, parse } from "graphql";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type SubscribePayload } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import { type ShownError, shownProblem } from "./faults";
import { LIMITS, type Rate } from "./limits";
import { Ended, type Subscriptions, type Told } from "./subscriptions";

export interface WebSocketOptions {
  readonly subscriptions: Subscriptions;
  /** The viewer of an `Authorization`, or why there is none. */
  readonly viewerOf: (authorization: string | undefined) => Promise<Viewer | Problem>;
  readonly trustedText: (documentId: string) => string | null;
  readonly rate: Rate | null;
  readonly onFault: (fault: unknown) => void;
}

/** What one connection is known by. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Ends all that was begun over it. */
  readonly gone: AbortController;
  viewer: Viewer | null;
  authorization: string | undefined;
  subscriptions: number;
}

/** A subscription over a connection, and what ends it. */
interface Begun {
  readonly events: AsyncGenerator<Told, void>;
  readonly left: AbortController;
}

const ENDED = "TOKEN_REFUSED";
const MOST_A_CONNECTION = 50;
/** A subscriber that does not answer a ping for so long is gone, whatever its network says. */
const PING_MILLISECONDS = 15_000;
/** A connection that takes nothing is told nothing more until it has taken this. */
const UNTAKEN_BYTES = 1_000_000;
const CLOSING_MILLISECONDS = 1_000;

/** Takes the upgrades of a server; answers what ends every connection. */
export function openWebSocket(http: Server, options: WebSocketOptions): () => Promise<void> {
  const { subscriptions, viewerOf, rate, onFault } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.bodyBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false),
  });

  const protocol = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 5_000,
    async onConnect({ connectionParams, extra }) {
      const said = connectionParams?.authorization ?? connectionParams?.Authorization;
      extra.authorization = typeof said === "string" ? said : extra.request.headers.authorization;
      const viewer = await viewerOf(extra.authorization);
      if (viewer instanceof Problem) return false;
      extra.viewer = viewer;
      return true;
    },
    async onSubscribe({ extra }, _id, payload) {
      const begun = begin(extra, payload);
      if (!("events" in begun)) return begun.map(asError);
      // The protocol wants to know that it is a subscription; what is asked has been read and checked by then.
      return { schema: null as never, document: ANY_SUBSCRIPTION, contextValue: begun };
    },
    subscribe: ({ contextValue }) => results(contextValue as Begun), // as onSubscribe gave it
  });

  function begin(extra: Connection, payload: SubscribePayload): Begun | readonly ShownError[] {
    const { viewer } = extra;
    if (viewer === null) return [shownProblem(new Problem("NOT_SIGNED_IN"))];
    if (rate !== null && rate.take(viewer.subject) > 0) return [shownProblem(new Problem("OVERLOADED"))];
    if (extra.subscriptions >= MOST_A_CONNECTION) return [shownProblem(new Problem("OVERLOADED"))];
    const documentId = payload.extensions?.documentId;
    const registered = typeof documentId === "string" ? options.trustedText(documentId) : payload.query;
    if (registered === null) return [shownProblem(new Problem("DOCUMENT_NOT_TRUSTED"))];
    const left = new AbortController();
    const begun = subscriptions.subscribe(
      { query: registered, operationName: payload.operationName, variables: payload.variables },
      viewer,
      () => viewerOf(extra.authorization),
      AbortSignal.any([extra.gone.signal, left.signal]),
    );
    return "next" in begun ? { events: counted(extra, begun), left } : begun;
  }

  async function* counted(extra: Connection, events: AsyncGenerator<Told, void>): AsyncGenerator<Told, void> {
    extra.subscriptions += 1;
    try {
      yield* events;
    } catch (fault) {
      const { socket, gone } = extra;
      if (fault instanceof Ended && fault.errors.some(({ extensions }) => extensions.code === ENDED)) {
        gone.abort();
        socket.close(CloseCode.Forbidden, "The token has ended.");
        return;
      }
      throw fault;
    } finally {
      extra.subscriptions -= 1;
    }
  }

  function results({ events, left }: Begun): AsyncGenerator<ExecutionResult, void> {
    const answers = (async function* () {
      try {
        for await (const { payload } of events) {
          if (payload !== null) yield { ...payload, errors: payload.errors?.map(asError) };
        }
      } catch (fault) {
        if (!(fault instanceof Ended)) onFault(fault);
        const [first] = fault instanceof Ended ? fault.errors : [];
        throw asError(first ?? shownProblem(new Problem("INTERNAL")));
      }
    })();
    // Whoever leaves while nothing is told is not kept until something is.
    const end = answers.return.bind(answers);
    answers.return = (value) => {
      left.abort();
      return end(value);
    };
    return answers;
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const gone = new AbortController();
    const extra: Connection = { socket, request, gone, viewer: null, authorization: undefined, subscriptions: 0 };
    let alive = true;
    const beat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, PING_MILLISECONDS);
    socket.on("pong", () => {
      alive = true;
    });
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve, reject) => {
            // Resolved once it is taken, so that the next event is asked for no sooner than the last has left.
            if (socket.bufferedAmount < UNTAKEN_BYTES) socket.send(text, () => resolve());
            else socket.send(text, (fault) => (fault ? reject(fault) : resolve()));
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on("message", (data) => {
            take(String(data)).catch((fault: unknown) => {
              onFault(fault);
              socket.close(CloseCode.InternalServerError, "Something failed on our side.");
            });
          });
        },
      },
      extra,
    );
    socket.on("error", () => socket.terminate());
    socket.once("close", (code, reason) => {
      clearInterval(beat);
      gone.abort();
      void closed(code, String(reason));
    });
  }

  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if ((request.url ?? "").split("?")[0] !== "/graphql") return refuseUpgrade(socket, "404 Not Found");
    sockets.handleUpgrade(request, socket, head, (opened) => accept(opened, request));
  });

  return async () => {
    for (const socket of sockets.clients) socket.close(1001, "The gateway stops; come back behind your last cursor.");
    const impatience = setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, CLOSING_MILLISECONDS);
    await new Promise<void>((resolve) => sockets.close(() => resolve()));
    clearTimeout(impatience);
  };
}

const ANY_SUBSCRIPTION: DocumentNode = parse("subscription { it }", { noLocation: true });

function asError({ message, extensions, path }: ShownError): GraphQLError {
  return new GraphQLError(message, { extensions, path });
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
