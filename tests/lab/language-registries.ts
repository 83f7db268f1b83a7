/**
 * Small registries on a host, one for each language's package tool, made with what a registry gives out: `vigo-hello` in the
 * versions 1.0.0 and 1.1.0. Must not know resource types.
 */
import type { LabHost } from "./host.ts";

/** Archives that the tools of this host cannot make by themselves. */
const archives = `
import base64, hashlib, json, os, tarfile, io, zipfile
def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write(text)
def tar(path, files):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tarfile.open(path, "w:gz") as out:
        for name, text in files.items():
            info = tarfile.TarInfo(name); info.size = len(text); info.mode = 0o755
            out.addfile(info, io.BytesIO(text.encode()))
    return hashlib.sha256(open(path, "rb").read()).hexdigest()
def zip_(path, files):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with zipfile.ZipFile(path, "w") as out:
        for name, text in files.items(): out.writestr(name, text)
index, versions = [], {}
for v in ["1.0.0", "1.1.0"]:
    d = "vigo_hello-%s.dist-info/" % v
    zip_("/srv/pip/vigo_hello-%s-py3-none-any.whl" % v, {
        "vigo_hello.py": "version = '%s'\\n" % v,
        d + "METADATA": "Metadata-Version: 2.1\\nName: vigo-hello\\nVersion: %s\\n" % v,
        d + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        d + "RECORD": "vigo_hello.py,,\\n%sMETADATA,,\\n%sWHEEL,,\\n%sRECORD,,\\n" % (d, d, d)})
    m = {"name": "vigo-hello", "version": v, "bin": {"vigo-hello": "main.js"}}
    tgz = "/srv/npm/vigo-hello-%s.tgz" % v
    tar(tgz, {"package/package.json": json.dumps(m), "package/main.js": "#!/usr/bin/env node\\nconsole.log('%s')\\n" % v})
    sha = base64.b64encode(hashlib.sha512(open(tgz, "rb").read()).digest()).decode()
    versions[v] = dict(m, dist={"tarball": "http://127.0.0.1:4873/vigo-hello-%s.tgz" % v, "integrity": "sha512-" + sha})
    put("/srv/gem-%s/vigo-hello.gemspec" % v, "Gem::Specification.new do |s|\\n s.name = 'vigo-hello'\\n s.version = '%s'\\n s.summary = 's'\\n s.authors = ['a']\\nend\\n" % v)
    c = "vigo-hello-%s/" % v
    sum = tar("/srv/crates/vigo-hello-%s.crate" % v, {
        c + "Cargo.toml": "[package]\\nname = \\"vigo-hello\\"\\nversion = \\"%s\\"\\n" % v,
        c + "src/main.rs": "fn main() { println!(\\"%s\\"); }\\n" % v})
    index.append(json.dumps({"name": "vigo-hello", "vers": v, "deps": [], "cksum": sum, "features": {}, "yanked": False}))
    g = "/srv/go/example.net/vigo-hello/@v/v%s" % v
    put(g + ".info", json.dumps({"Version": "v" + v}))
    put(g + ".mod", "module example.net/vigo-hello\\n")
    zip_(g + ".zip", {"example.net/vigo-hello@v%s/%s" % (v, n): t for n, t in {
        "go.mod": "module example.net/vigo-hello\\n", "main.go": "package main\\nfunc main() { println(\\"%s\\") }\\n" % v}.items()})
    tar("/srv/composer/hello-%s.tar" % v, {"hello/composer.json": json.dumps({"name": "vigo/hello", "version": v})})
put("/srv/composer/packages.json", json.dumps({"packages": {"vigo/hello": {v: {
    "name": "vigo/hello", "version": v, "dist": {"type": "tar", "url": "file:///srv/composer/hello-%s.tar" % v}}
    for v in versions}}}))
put("/srv/crates/index/vi/go/vigo-hello", "\\n".join(index) + "\\n")
put("/srv/go/example.net/vigo-hello/@v/list", "v1.0.0\\nv1.1.0\\n")
put("/srv/npm/vigo-hello", json.dumps({"name": "vigo-hello", "dist-tags": {"latest": "1.1.0"}, "versions": versions}))
`;

/** What an administrator would configure once, so that the tools ask these registries. */
const settings: Readonly<Record<string, string>> = {
  "/etc/pip.conf": "[global]\nno-index = true\nfind-links = /srv/pip\n",
  "/etc/npmrc": "registry=http://127.0.0.1:4873/\n",
  "/etc/gemrc": ":sources:\n- file:///srv/gems\n",
  "/root/.cargo/config.toml":
    '[source.crates-io]\nreplace-with = "lab"\n[source.lab]\nlocal-registry = "/srv/crates"\n',
  "/root/.config/go/env": "GOPROXY=file:///srv/go\nGOSUMDB=off\n",
  "/root/.config/composer/config.json":
    '{"repositories": [{"packagist.org": false}, {"type": "composer", "url": "file:///srv/composer"}]}',
  "/etc/systemd/system/npm-registry.service":
    "[Service]\nExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 --directory /srv/npm 4873\n",
};

export async function withRegistries(host: LabHost): Promise<void> {
  await host.put("/srv/archives.py", archives);
  for (const [path, text] of Object.entries(settings)) await host.put(path, text);
  await host.sh(`python3 /srv/archives.py
    mkdir -p /srv/gems/gems; systemctl start npm-registry
    for v in 1.0.0 1.1.0; do cd /srv/gem-$v; gem build -q vigo-hello.gemspec -o /srv/gems/gems/vigo-hello-$v.gem; done
    cd /srv/gems; gem generate_index -q -d .`);
}
