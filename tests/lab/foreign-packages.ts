/**
 * Hosts that take themselves for another distribution, with its real package manager and a small repository of three packages,
 * `vigo-hello` in two versions, `vigo-other`, and `stray`. Must not know resource types.
 */
import type { LabHost } from "./host.ts";

/** The words by which a host tells what it is, and what its package manager needs besides Debian's packaging of it. */
const rpmRelease = (id: string, like: string) => `ID=${id}\nID_LIKE="${like}"\nVERSION_ID="9"\n`;

/** Debian's rpm has its database in a home; dnf's `local` plugin wants a repository nobody has made. */
const rpmHome = `
  mkdir -p /etc/rpm /srv/rpms; echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros`;

const specs = `
  build() {
    cat >/srv/$1.spec <<END
Name: $1
Version: $2
Release: $3
Summary: of a test
License: MIT
BuildArch: noarch
%description
Of a test.
%install
mkdir -p %{buildroot}/opt/$1
echo $2-$3 >%{buildroot}/opt/$1/version
%files
/opt/$1
END
    rpmbuild -bb --quiet --define '_rpmdir /srv/rpms' --define '_topdir /srv/rpmbuild' /srv/$1.spec 2>&1
  }
  build vigo-hello 1.0 1; build vigo-hello 1.1 1; build vigo-hello 1.1~rc1 1; build vigo-other 2 1; build stray 3 1
  createrepo_c -q /srv/rpms`;

const repository = "[lab]\nname=Lab\nbaseurl=file:///srv/rpms\ngpgcheck=0\nenabled=1\n";

export async function asRedhat(host: LabHost): Promise<void> {
  await host.sh(`${rpmHome}${specs}
    sed -i 's/^enabled.*/enabled=0/' /etc/dnf/plugins/local.conf`);
  await host.put("/etc/os-release", rpmRelease("rocky", "rhel centos fedora"));
  await host.put("/etc/yum.repos.d/lab.repo", repository);
}

export async function asSuse(host: LabHost): Promise<void> {
  // Its zypper takes a database without any package for a broken one.
  await host.sh(`${rpmHome}${specs}
    build vigo-base 1 1; rpm -i --force-debian /srv/rpms/noarch/vigo-base-*.rpm`);
  await host.put("/etc/os-release", rpmRelease("opensuse-leap", "suse opensuse"));
  await host.put("/etc/zypp/repos.d/lab.repo", repository);
}

/** The archive of a package is a tar of its files and of `.PKGINFO`. */
const archives = `
  build() {
    d=$(mktemp -d); mkdir -p $d/opt/$1; echo $2 >$d/opt/$1/version
    printf 'pkgname = %s\\npkgver = %s\\npkgdesc = of a test\\nbuilddate = 1700000000\\nsize = 10\\narch = any\\n' $1 $2 >$d/.PKGINFO
    tar -C $d --owner=0 --group=0 -czf /srv/pac/$1-$2-any.pkg.tar.gz .PKGINFO opt
  }
  mkdir -p /srv/pac; cd /srv/pac
  build vigo-hello 1.0-1; build vigo-hello 1.1-1; build vigo-other 2-1; build stray 3-1
  repo-add -q lab.db.tar.gz vigo-hello-1.0-1-any.pkg.tar.gz vigo-other-2-1-any.pkg.tar.gz stray-3-1-any.pkg.tar.gz`;

export async function asArch(host: LabHost): Promise<void> {
  await host.sh(archives);
  await host.put("/etc/os-release", "ID=arch\n");
  const conf =
    "[options]\nArchitecture = auto\n\n[lab]\nSigLevel = Never\nServer = file:///srv/pac\n";
  await host.put("/etc/pacman.conf", conf);
}
