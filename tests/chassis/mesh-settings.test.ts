import { join } from "node:path";
import { mailboxOf } from "../../chassis/settings";
import { readSettings } from "../../main";
import type { Problem } from "../../schema/errors";

const at = (name: string) => join(__dirname, "..", "fixtures", "certificates", name);
const BOX = {
  MESH_URL: "https://mesh.invented:443",
  MESH_MAILBOX: "x26hc001",
  MESH_PASSWORD: "secret",
  MESH_SHARED_KEY: "Banana",
  MESH_CLIENT_CERT: at("client.pem"),
  MESH_CLIENT_KEY: at("client.key"),
};

const said = (environment: Readonly<Record<string, string>>): string => {
  try {
    mailboxOf(readSettings(environment));
    return "";
  } catch (fault) {
    return (fault as Problem).message; // the settings throw nothing else
  }
};

test("without MESH_URL there is no mailbox, whatever else is set", () => {
  expect(mailboxOf(readSettings({ MESH_MAILBOX: "X26HC001" }))).toBeNull();
});

test("a mailbox that is set whole is read with its certificates, its id in capitals", () => {
  expect(mailboxOf(readSettings({ ...BOX, MESH_CA: at("ca.pem") }))).toMatchObject({
    url: BOX.MESH_URL,
    mailbox: "X26HC001",
    tls: { cert: expect.stringContaining("BEGIN CERTIFICATE"), ca: expect.stringContaining("BEGIN CERTIFICATE") },
  });
  const ours = { ...BOX, MESH_URL: "http://127.0.0.1:8700", MESH_CLIENT_CERT: "", MESH_CLIENT_KEY: "" };
  expect(mailboxOf(readSettings(ours))).toMatchObject({ tls: null });
});

test.each`
  changed                                   | says
  ${{ MESH_URL: "http://mesh.invented" }}   | ${"MESH_URL must be an https URL, or an http URL of this machine."}
  ${{ MESH_URL: "mesh" }}                   | ${"MESH_URL must be an https URL, or an http URL of this machine."}
  ${{ MESH_MAILBOX: "a mailbox" }}          | ${"MESH_MAILBOX must be the id of a mailbox: letters and digits."}
  ${{ MESH_MAILBOX: "" }}                   | ${"MESH_MAILBOX must be set when MESH_URL is."}
  ${{ MESH_PASSWORD: "" }}                  | ${"MESH_PASSWORD must be set when MESH_URL is."}
  ${{ MESH_SHARED_KEY: "" }}                | ${"MESH_SHARED_KEY must be set when MESH_URL is."}
  ${{ MESH_CLIENT_CERT: "" }}               | ${"MESH_CLIENT_CERT must be set when MESH_URL is."}
  ${{ MESH_CLIENT_CERT: "/nowhere.pem" }}   | ${"MESH_CLIENT_CERT must be a file that can be read, and it is not (ENOENT)."}
  ${{ MESH_CLIENT_CERT: at("client.key") }} | ${"MESH_CLIENT_CERT must be a file of a PEM certificate."}
  ${{ MESH_CLIENT_KEY: at("client.pem") }}  | ${"MESH_CLIENT_KEY must be a file of a PEM private key without a passphrase."}
  ${{ MESH_CLIENT_KEY: at("server.key") }}  | ${"MESH_CLIENT_KEY must be the key of MESH_CLIENT_CERT."}
  ${{ MESH_CA: at("client.key") }}          | ${"MESH_CA must be a file of PEM certificates."}
  ${{ MESH_EVERY: "0" }}                    | ${"MESH_EVERY must be a whole number of seconds from 1 to 86400."}
  ${{ MESH_EVERY: "100000" }}               | ${"MESH_EVERY must be a whole number of seconds from 1 to 86400."}
`("set with $changed it says what is wrong", ({ changed, says }) => {
  expect(said({ ...BOX, ...changed })).toBe(says);
});
