import { mkdirSync, writeFileSync } from 'node:fs'
import { getuid } from 'node:process'
import type { Command } from './processes.ts'

/** Starts Debian's nginx with one worker, in the foreground, all its files in `directory`, without access logs. */
export function nginxCommand(directory: string, environment: Record<string, string>, servers: string): Command {
  const configFile = `${directory}/nginx.conf`
  mkdirSync(`${directory}/temporary`, { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${directory}/temporary/${kind};`)
    .join('\n  ')
  writeFileSync(
    configFile,
    `
${getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  ${temporary}
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_max_body_size 8m;
  client_body_buffer_size 1m;
  tcp_nodelay on;
  ${servers}
}
`,
  )
  return { program: 'nginx', arguments: ['-p', directory, '-c', configFile, '-e', 'stderr'], environment }
}
