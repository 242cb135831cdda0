import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { layOutAsterisk, promptsFolder, type AsteriskSettings } from './asterisk-folder.service';
import { Child } from './child.service';
import { PROJECT, waitUntil } from './machine.service';
import { commandOf, type Place } from './programs.service';

export interface RunningAsterisk {
  child: Child;
  ariUrl: string;
  ariUsername: string;
  ariPassword: string;
  phoneWsUrl: string;
  sipHost: string;
  sipPort: number;
  /** Its asterisk.conf, for `asterisk -C <file> -rx <command>`. */
  configFile: string;
  /** Where it looks for replaced recordings. */
  promptsDir: string;
}

/** Starts Asterisk on asterisk-config/ with its own ports and folder. Resolves when ARI answers and all modules are up. */
export async function startAsterisk(
  place: Place,
  settings: AsteriskSettings,
  logFile: string,
): Promise<RunningAsterisk> {
  const configFile = layOutAsterisk(place, settings);
  const run = commandOf(place, {
    args: ['-f', '-n', '-C', configFile],
    dieWith: 'KILL',
    folders:
      existsSync(settings.folder) && settings.folder.startsWith(`${PROJECT}/`)
        ? [PROJECT]
        : [PROJECT, settings.folder],
  });
  const child = new Child(run.command, run.args, { logFile, cwd: '/' });
  const ariUrl = `http://127.0.0.1:${settings.ariPort}`;
  const answers = async (): Promise<boolean> => {
    const authorization = `Basic ${Buffer.from(`hotline:${settings.ariPassword}`).toString('base64')}`;
    const reply = await fetch(`${ariUrl}/ari/asterisk/info?only=status`, { headers: { authorization } });
    return reply.ok;
  };
  try {
    await waitUntil('Asterisk did not start', answers, 60_000, { gaveUp: () => child.obituary() });
  } catch (fault) {
    await child.stop();
    throw fault;
  }
  return {
    child,
    ariUrl,
    ariUsername: 'hotline',
    ariPassword: settings.ariPassword,
    phoneWsUrl: `ws://127.0.0.1:${settings.ariPort}/ws`,
    sipHost: settings.sipHost,
    sipPort: settings.sipPort,
    configFile,
    promptsDir: promptsFolder(settings.folder),
  };
}

/** The command that asks a running Asterisk something on its console. */
export function consoleCommand(
  place: Place,
  folder: string,
  command: string,
): { command: string; args: string[] } {
  return commandOf(place, {
    args: ['-C', join(folder, 'etc/asterisk.conf'), '-rx', command],
    folders: [PROJECT, folder],
  });
}
