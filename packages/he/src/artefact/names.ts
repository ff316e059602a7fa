/** Names of the files of a compiled model in its folder. */
export const SERVER_ARTEFACT = 'server.heml';
export const CLIENT_ARTEFACT = 'client.heml';
