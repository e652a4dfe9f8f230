// Signalling over HTTP: one request when the browser offers, two when the server does; candidates
// follow as they come.

/** Something that the server, or the way to it, said no to; the message is a sentence to show. */
export class SignalError extends Error {}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw new SignalError(`${location.host} does not answer. Is the server still running?`);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const reason = body.error ?? `it answered ${response.status} ${response.statusText}`.trim();
    throw new SignalError(`The server refused: ${reason}.`);
  }
  return body;
}

const post = (path, body) => request(path, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** Our offer goes there, the answer comes back. `negotiated`: ids of channels that nobody announces. */
export const sendOffer = ({ type, sdp }, negotiated = []) => post("/trickle", { type, sdp, negotiated });

/** A further offer on the connection `id`: the answer comes back. */
export const sendAnotherOffer = (id, { type, sdp }) => post(`/peers/${id}/offer`, { type, sdp });

/** The server offers: `{ id, type, sdp }`. `query` may ask for more than one plain channel. */
export const takeOffer = (query = {}) => request(`/trickle?${new URLSearchParams(query)}`);

/** Candidates of ours, who are `id` there. */
export const tellCandidates = (id, candidates) => post(`/peers/${id}/candidates`, candidates);

/** Those of the server, without the first `known`; may wait, and then bring none. */
export const askCandidates = (id, known, signal) => request(`/peers/${id}/candidates?after=${known}`, { signal });

/** Our answer to the offer `id`. */
export const sendAnswer = (id, { type, sdp }) => post(`/answer/${id}`, { type, sdp });
