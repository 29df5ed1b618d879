import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from "node:https";
