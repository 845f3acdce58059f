/** The only importer of the WebSocket library. */
// @ts-types="@types/ws"
export { type RawData, WebSocket, WebSocketServer } from "ws";
