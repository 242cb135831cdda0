import { posix } from 'node:path';
import ts from 'typescript';

/** A source file by its path from the project's root, and its text. */
export interface Source {
  path: string;
  text: string;
}

/** Where a rule is broken, in words for whoever broke it. */
export interface Breach {
  where: string;
  words: string;
}

export type Rule = (source: Source) => Breach[];

interface Import {
  from: string;
  /** Path from the root without suffix for our own files, null for packages. */
  own: string | null;
  typeOnly: boolean;
  node: ts.Node;
}

const SUFFIX = /\.(store|service|routes|jobs|adapter)$/;
const PLUMBING = /^src\/(platform|runtime|db|web)\/|^src\/main\.ts$|^src\/hotline[./]/;
const PURE_PACKAGES = /^(zod|luxon|libphonenumber-js|chinese-days)(\/|$)/;
/** Plain files of the platform: a type, a constant, nothing that acts. */
const PURE_PLATFORM = /^src\/platform\/(clock|http-route)$/;

const parse = ({ path, text }: Source) =>
  ts.createSourceFile(
    path,
    text,
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** Makes a rule that looks at every node. */
function overNodes(
  applies: (path: string) => boolean,
  judge: (node: ts.Node, path: string) => string | null,
): Rule {
  return (source) => {
    if (!applies(source.path)) return [];
    const file = parse(source);
    const breaches: Breach[] = [];
    walk(file, (node) => {
      const words = judge(node, source.path);
      if (words) breaches.push({ where: placeOf(file, node), words });
    });
    return breaches;
  };
}

function placeOf(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}

function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean, node: ts.Node) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const from = specifier.text;
    const own = from.startsWith('.')
      ? posix.join(posix.dirname(file.fileName), from).replace(/\.(tsx?|mts|js)$/, '')
      : null;
    found.push({ from, own, typeOnly, node });
  };
  walk(file, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause), node);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, node);
    if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require')
    )
      add(node.arguments[0], false, node);
  });
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    !clause.name &&
    !!named &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((one) => one.isTypeOnly)
  );
}

/** Makes a rule that looks at every import. */
function overImports(
  applies: (path: string) => boolean,
  judge: (found: Import, path: string) => string | null,
): Rule {
  return (source) => {
    if (!applies(source.path)) return [];
    const file = parse(source);
    return importsOf(file).flatMap((found) => {
      const words = judge(found, source.path);
      return words ? [{ where: placeOf(file, found.node), words }] : [];
    });
  };
}

const stem = (path: string) => path.replace(/\.(tsx?|mts)$/, '');
const isSuffixed = (path: string) => SUFFIX.test(stem(path));
const isPlain = (path: string) => !isSuffixed(path) && !PLUMBING.test(path);
const moduleOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
const everywhere = () => true;

/** DESIGN §2: a plain file imports nothing that acts. */
export const plainImportsNothingImpure = overImports(isPlain, ({ from, own, typeOnly }) => {
  if (typeOnly) return null;
  if (own === null)
    return PURE_PACKAGES.test(from)
      ? null
      : `a plain file imports ${from}; it may only import ${PURE_PACKAGES.source}`;
  if (PURE_PLATFORM.test(own)) return null;
  if (SUFFIX.test(own) || PLUMBING.test(`${own}.ts`))
    return `a plain file imports ${own}, which acts: give it the value, or import its type`;
  return null;
});

const CLOCK_AND_CHANCE =
  /^(Date\.now|Math\.random|performance\.now|crypto\.\w+|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|DateTime\.(now|local|utc))$/;

/** DESIGN §2: a plain file has no clock, no chance and no process; time is an argument. */
export const plainHasNoClock = overNodes(isPlain, (node) => {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'a plain file reads the clock: new Date() without argument';
  if (!ts.isCallExpression(node) || !CLOCK_AND_CHANCE.test(node.expression.getText())) return null;
  const called = node.expression.getText();
  if (/^DateTime\.(local|utc)$/.test(called) && node.arguments.length > 0) return null;
  return `a plain file calls ${called}: time and chance are arguments`;
});

/** DESIGN §2: SQL is in `.store` files only. */
export const sqlOnlyInStores: Rule = (source) => {
  if (/\.store\.ts$|^src\/(db|runtime)\/|^src\/platform\/postgres\.ts$/.test(source.path)) return [];
  const imports = overImports(everywhere, ({ from, typeOnly }) =>
    /^(knex|pg)$/.test(from) && !typeOnly ? `${from} outside of a .store file` : null,
  );
  const statements = overNodes(everywhere, (node) =>
    (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) &&
    /^[`'"(\s]*(select\s[\s\S]+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(table|index)\s|with\s+\w+\s+as\s*\()/i.test(
      node.getText(),
    )
      ? 'SQL outside of a .store file'
      : null,
  );
  return [...imports(source), ...statements(source)];
};

/** Redis commands are for stores too: services get a store, not a connection. */
export const redisOnlyInStores = overImports(
  (path) => !/\.store\.ts$|^src\/(platform|runtime|db)\/|^src\/hotline[./]/.test(path),
  ({ from, typeOnly }) =>
    /^(ioredis|bullmq)$/.test(from) && !typeOnly ? `${from} outside of the platform and .store files` : null,
);

/** Only main.ts and the runtime know the process they run in. */
export const processOnlyInMain = overNodes(
  (path) => !/^src\/(main\.ts$|runtime\/)|^src\/web\/vite\.config\.mts$/.test(path),
  (node) =>
    ts.isPropertyAccessExpression(node) && /^(globalThis\.)?process\.(env|exit|argv)$/.test(node.getText())
      ? `${node.getText()} outside of main.ts: settings come by constructor`
      : null,
);

const VENDOR = /^(ari|asterisk|esl|freeswitch|stasis|pjsip|modesl)$/i;

/** DESIGN §4: the switch's vendors are named below telephony, in the settings, the runtime and where all is joined. */
export const vendorsOnlyInTelephony = overNodes(
  (path) => !/^src\/(telephony|runtime)\/|^src\/config\.ts$|^src\/hotline[./]/.test(path),
  (node) => {
    if (!ts.isIdentifier(node) && !ts.isStringLiteralLike(node)) return null;
    const words = node.text.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);
    const named = words.find((word) => VENDOR.test(word));
    return named ? `a switch vendor is named outside of telephony: ${named}` : null;
  },
);

/** DESIGN §2: modules meet through events, constructor arguments (types) and plain files; hotline.ts alone joins them. */
export const modulesMeetByTypes = overImports(
  (path) => !/^src\/main\.ts$|^src\/hotline[./]|^src\/(db|runtime)\//.test(path),
  ({ own, typeOnly }, path) => {
    if (own === null || typeOnly) return null;
    const [here, there] = [moduleOf(path), moduleOf(own)];
    if (/^src\/(hotline|main)(\/|$)/.test(own)) return 'hotline.ts and main.ts are imported by nobody else';
    if (there === null || here === there) return null;
    if (here === 'web')
      return SUFFIX.test(own) || PLUMBING.test(`${own}.ts`)
        ? `the browser imports ${own}, which is no plain file`
        : null;
    if (here === 'platform') return `the platform imports the module ${there}: it knows no hotline word`;
    if (there === 'web' || there === 'runtime' || there === 'db') return `${here} imports ${own}`;
    if (there === 'platform') return null;
    return SUFFIX.test(own)
      ? `${here} imports ${own}: import its type and let hotline.ts hand it over`
      : null;
  },
);

/** No folder for what has no place, no file that only passes on. */
export const noDumpingGround: Rule = (source) => {
  const breaches: Breach[] = [];
  if (/\/(utils?|helpers?|common|misc|lib)(\/|\.tsx?$)/i.test(source.path))
    breaches.push({ where: source.path, words: 'a folder or file without a meaning of its own' });
  const { statements } = parse(source);
  if (statements.length > 0 && statements.every((one) => ts.isExportDeclaration(one) && one.moduleSpecifier))
    breaches.push({ where: source.path, words: 'a barrel: import from the file itself' });
  return breaches;
};

/** No `any`, no switched-off checks, no decorators, no classes of static functions. */
export const honestTypes: Rule = (source) => {
  const nodes = overNodes(everywhere, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any: say unknown and check it';
    if (ts.isDecorator(node)) return 'a decorator: join by hand';
    if (ts.isClassDeclaration(node) && node.members.length > 0 && node.members.every(isStatic))
      return 'a class of static functions: export functions';
    return null;
  });
  const lines = source.text.split('\n');
  const off = lines.flatMap((line, index) =>
    /^\s*(\/\/|\/?\*)\s*@ts-(ignore|nocheck)/.test(line)
      ? [{ where: `${source.path}:${index + 1}`, words: 'a switched-off check' }]
      : [],
  );
  return [...nodes(source), ...off];
};

function isStatic(member: ts.ClassElement): boolean {
  return (
    ts.canHaveModifiers(member) &&
    !!ts.getModifiers(member)?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword)
  );
}
