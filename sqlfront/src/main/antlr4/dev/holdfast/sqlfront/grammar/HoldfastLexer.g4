/*
 * PostgreSQL's lexical rules, as far as our own statements need them. Keywords are case-insensitive and none of them is
 * reserved beyond what the parser's rule `word` leaves out.
 */
lexer grammar HoldfastLexer;

options { caseInsensitive = true; }

ADD: 'ADD';
ALL: 'ALL';
ALTER: 'ALTER';
AS: 'AS';
AUTOMATIC: 'AUTOMATIC';
BACKUP: 'BACKUP';
BACKUPS: 'BACKUPS';
CANCEL: 'CANCEL';
CLUSTER: 'CLUSTER';
COMPLETE: 'COMPLETE';
CONFIGURE: 'CONFIGURE';
CONNECTION: 'CONNECTION';
CONNECTIONS: 'CONNECTIONS';
CREATE: 'CREATE';
DATABASE: 'DATABASE';
DEFAULT: 'DEFAULT';
DISCARD: 'DISCARD';
DROP: 'DROP';
EXISTS: 'EXISTS';
EXTERNAL: 'EXTERNAL';
FALSE: 'FALSE';
FROM: 'FROM';
HISTORY: 'HISTORY';
IF: 'IF';
IN: 'IN';
INTERVAL: 'INTERVAL';
INTO: 'INTO';
JOB: 'JOB';
JOBS: 'JOBS';
LATEST: 'LATEST';
NEW_KMS: 'NEW_KMS';
NOT: 'NOT';
OF: 'OF';
OLD_KMS: 'OLD_KMS';
OPTIONS: 'OPTIONS';
PAUSE: 'PAUSE';
REASON: 'REASON';
RESET: 'RESET';
RESTORE: 'RESTORE';
RESUME: 'RESUME';
SCHEMAS: 'SCHEMAS';
SET: 'SET';
SETTING: 'SETTING';
SETTINGS: 'SETTINGS';
SHOW: 'SHOW';
SYSTEM: 'SYSTEM';
TABLE: 'TABLE';
TIME: 'TIME';
TO: 'TO';
TRUE: 'TRUE';
USING: 'USING';
VALIDATE: 'VALIDATE';
WHEN: 'WHEN';
WITH: 'WITH';
ZONE: 'ZONE';

DOT: '.';
COMMA: ',';
STAR: '*';
EQUALS: '=';
LPAREN: '(';
RPAREN: ')';
MINUS: '-';
SEMICOLON: ';';

PLACEHOLDER: '$' [0-9]+;

NUMBER: [0-9]+ ('.' [0-9]*)? ('E' [+-]? [0-9]+)? | '.' [0-9]+ ('E' [+-]? [0-9]+)?;

/* E'...' first: a longer match than the word E followed by a string. */
ESCAPE_STRING: 'E' '\'' ( '\'\'' | '\\' . | ~['\\] )* '\'';
STRING: '\'' ( '\'\'' | ~['] )* '\'';
DOLLAR_STRING: '$$' .*? '$$';
WORD: [A-Z_\u0080-\u{10FFFF}] [A-Z0-9_$\u0080-\u{10FFFF}]*;
QUOTED_WORD: '"' ( '""' | ~["] )* '"';

WHITE_SPACE: [ \t\r\n\f\u000B]+ -> skip;
/* Statements pasted from the documentation end their lines with a backslash. */
LINE_CONTINUATION: '\\' [ \t]* '\r'? '\n' -> skip;
LINE_COMMENT: '--' ~[\r\n]* -> skip;
BLOCK_COMMENT: '/*' ( BLOCK_COMMENT | . )*? '*/' -> skip;

OTHER: . ;
