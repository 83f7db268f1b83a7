/** A life of the types that speak of SELinux. Must not know machines. */
import type { Life } from "../../lab/life.ts";

export const selinux: Life = {
  before: "sed -i s/^SELINUX=.*/SELINUX=enforcing/ /etc/selinux/config",
  wish: [
    "{ name: pages, type: selinux, path: '/srv/www(/.*)?', context: httpd_sys_content_t }",
    "{ name: net, type: selinux, boolean: httpd_can_network_connect, value: true }",
    "{ name: mode, type: selinux, mode: permissive }",
    "{ name: label, type: file, target_path: /srv/label, content: x, secontext: 'system_u:object_r:httpd_sys_content_t:s0' }",
    "{ name: folder, type: directory, target_path: /srv/folder, secontext: 'system_u:object_r:httpd_sys_content_t:s0' }",
  ],
  ask: "mkdir -p /srv/www/a; restorecon -RF /srv/www; stat -c %C /srv/www/a /srv/label /srv/folder; getsebool httpd_can_network_connect; getenforce; grep ^SELINUX= /etc/selinux/config",
  stands:
    "system_u:object_r:httpd_sys_content_t:s0\nsystem_u:object_r:httpd_sys_content_t:s0\nsystem_u:object_r:httpd_sys_content_t:s0\nhttpd_can_network_connect --> on\nPermissive\nSELINUX=permissive\n",
  harm: {
    "pages.context": "semanage fcontext -d '/srv/www(/.*)?'",
    "net.value": "setsebool httpd_can_network_connect off",
    "mode.mode": "sed -i s/^SELINUX=.*/SELINUX=enforcing/ /etc/selinux/config",
    "label.secontext": "chcon -t tmp_t /srv/label",
    "folder.secontext": "chcon -t tmp_t /srv/folder",
  },
  away: [
    "{ name: pages, type: selinux, path: '/srv/www(/.*)?', state: absent }",
    "{ name: net, type: selinux, boolean: httpd_can_network_connect, state: absent }",
    "{ name: label, type: file, target_path: /srv/label, state: absent }",
    "{ name: folder, type: directory, target_path: /srv/folder, state: absent }",
  ],
  gone: "semanage fcontext -l -C; semanage boolean -l -C",
};
