/** Carries the client's address from the hub's HTTP server, which strips it from what clients send, to routes and sign-in. */
export const CLIENT_ADDRESS_HEADER = "x-sonde-client-address";
