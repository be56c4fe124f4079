import { spawnSync } from 'node:child_process'
import { cleanEnvironment, type Contender } from './contender.ts'
import { nginxCommand } from '../measure/nginx.ts'

export const nginx: Contender = {
  id: 'nginx',
  name: 'nginx',
  readyPath: '/healthz',
  headers: () => ({}),
  unavailable: () => Promise.resolve(undefined),
  version: () =>
    spawnSync('nginx', ['-v'], { encoding: 'utf8' })
      .stderr.trim()
      .replace(/^nginx version: /, ''),
  command: ({ port, upstream, directory }) =>
    nginxCommand(
      directory,
      cleanEnvironment(directory),
      `
    upstream provider {
      server ${new URL(upstream).host};
      keepalive 64;
      keepalive_requests 1000000000;
    }
    server {
      listen 127.0.0.1:${port};
      location = /healthz { return 200 'ok'; }
      location / {
        proxy_pass http://provider;
        proxy_http_version 1.1;
        proxy_set_header Connection '';
        proxy_buffering off;
      }
    }`,
    ),
}
