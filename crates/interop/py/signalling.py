"""One request: our offer to the echo server, its answer back."""

import json
import urllib.request


def exchange(url, sdp):
    """Returns the answer's SDP."""
    body = json.dumps({"type": "offer", "sdp": sdp}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url + "/offer", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)["sdp"]
    except urllib.error.HTTPError as error:
        raise SystemExit("the server refused: " + json.load(error)["error"]) from error
