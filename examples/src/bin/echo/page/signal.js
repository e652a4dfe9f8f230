// Signalling over HTTP: one request when the browser offers, two when the server does.

/** Something that the server, or the way to it, said no to; the message is a sentence to show. */
export class SignalError extends Error {}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
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
export const sendOffer = ({ type, sdp }, negotiated = []) => post("/offer", { type, sdp, negotiated });

/** A further offer on the connection `id`: the answer comes back. */
export const sendAnotherOffer = (id, { type, sdp }) => post(`/peers/${id}/offer`, { type, sdp });

/** The server offers: `{ id, type, sdp }`. `query` may ask for more than one plain channel. */
export const takeOffer = (query = {}) => request(`/offer?${new URLSearchParams(query)}`);

/** Our answer to the offer `id`. */
export const sendAnswer = (id, { type, sdp }) => post(`/answer/${id}`, { type, sdp });
