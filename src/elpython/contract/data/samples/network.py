"""Networks: urllib, http, email, ssl, html, ipaddress, asyncio."""

import asyncio
import email
import email.message
import email.policy
import email.utils
import html
import http.client
import http.cookies
import http.server
import ipaddress
import ssl
import urllib.parse
import urllib.request

assert urllib.parse.parse_qs("a=1&b=2") == {"a": ["1"], "b": ["2"]}
assert urllib.parse.urlsplit("http://u@h:1/p?q#f").port == 1
assert urllib.parse.urljoin("http://h/a/b", "../c") == "http://h/c"
message = email.message.EmailMessage()
message["To"] = "A <a@example.org>"
message.set_content("text")
assert email.message_from_string(message.as_string(), policy=email.policy.default)["To"]
assert email.utils.parseaddr("A <a@example.org>")[1] == "a@example.org"
assert email.utils.formataddr(("A", "a@example.org"))
assert html.unescape(html.escape("<&>")) == "<&>"
cookie = http.cookies.SimpleCookie("a=1; b=2")
assert cookie["a"].value == "1" and cookie.output()
assert ipaddress.ip_address("192.0.2.1") in ipaddress.ip_network("192.0.2.0/24")
context = ssl.create_default_context()
assert context.check_hostname
http.client.HTTPConnection("localhost", 1)
urllib.request.Request("http://localhost/", headers={"A": "b"})


async def main():
    lock = asyncio.Lock()
    async with lock:
        await asyncio.wait_for(asyncio.sleep(0), 1)
    events = asyncio.Queue()
    task = asyncio.ensure_future(events.get())
    await events.put(1)
    return await asyncio.gather(task, asyncio.get_running_loop().run_in_executor(None, int, "2"))


assert asyncio.run(main()) == [1, 2]
