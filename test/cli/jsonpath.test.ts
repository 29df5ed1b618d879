import { describe, expect, test } from "@jest/globals";
import { compileJsonPath, relaxedJsonPath } from "../../src/cli/jsonpath.ts";

const list = {
  kind: "List",
  items: [
    {
      metadata: { name: "one", labels: { "example.com/tier": "web" } },
      spec: { replicas: 1, containers: [{ name: "a" }, { name: "b" }] },
      ready: true,
    },
    { metadata: { name: "two" }, spec: { replicas: 2, containers: [{ name: "c" }] }, ready: false, gone: null },
    { metadata: { name: "three" }, spec: { replicas: 3, weight: 2.5, containers: [] } },
  ],
  numbers: [1, 2, 3, 4, 5],
  text: "<é>",
};

// The cases of client-go's own tests and of its documentation; each text is what client-go 0.36 prints.
describe("jsonpath prints", () => {
  test.each([
    ["hello", "hello"],
    ["", ""],
    ["{.kind}", "List"],
    ["{$.kind}-{@.kind}", "List-List"],
    ["kind: {.kind}\n", "kind: List\n"],
    ["{['kind']}", "List"],
    ["{.items[0]['metadata.name']}", "one"],
    ["{.items[0].metadata.labels.example\\.com/tier}", "web"],
    ["{.items[0].metadata.labels['example\\.com/tier']}", "web"],
    ["{.items[0].spec}", '{"containers":[{"name":"a"},{"name":"b"}],"replicas":1}'],
    ["{.numbers}", "[1,2,3,4,5]"],
    ["{.numbers[0]} {.numbers[-1]}", "1 5"],
    ["{.numbers[1:3]}", "2 3"],
    ["{.numbers[:2]}|{.numbers[-2:]}|{.numbers[0:-1]}", "1 2|4 5|1 2 3 4"],
    ["{.numbers[::2]}|{.numbers[1::3]}", "1 3 5|2 5"],
    ["{.numbers[2:2]}{.numbers[9:9]}", ""],
    ["{.numbers[0,2,-1]}", "1 3 5"],
    ["{.items[*].metadata.name}", "one two three"],
    ["{.items[*]['metadata.name', 'spec.replicas']}", "one two three 1 2 3"],
    ["{.items[0].spec.containers[0].*}", "a"],
    ["{..name}", "one a b two c three"],
    ["{...replicas}", "1 2 3"],
    ["{.items[?(@.spec.replicas>1)].metadata.name}", "two three"],
    ["{.items[?(@.spec.replicas>=2)].metadata.name}", "two three"],
    ["{.items[?(@.spec.replicas<2)].metadata.name}", "one"],
    ["{.items[?(@.spec.replicas<=2)].metadata.name}", "one two"],
    ["{.items[?(@.spec.replicas!=2)].metadata.name}", "one three"],
    ['{.items[?(@.metadata.name=="two")].spec.replicas}', "2"],
    ["{.items[?(@.metadata.name == 'two')].spec.replicas}", "2"],
    ["{.items[?(.ready==true)].metadata.name}", "one"],
    ["{.items[?(@.ready)].metadata.name}", "one two"],
    ["{.items[?(@.spec.weight)].spec.weight}", "2.5"],
    ['{.items[?(@.metadata.name=="(){}[]")].kind}', ""],
    ["{.items[1].gone}", "null"],
    ["before-{.missing}{.missing.more}{.missing[0]}-after", "before--after"],
    ['{"{"}{"\\n"}{\'\\t\'}{"\\u00e9\\x41\\101\\"\'"}', "{\n\té" + "AA\"'"],
    ["{3}{-2.5}{true}", "3-2.5true"],
    ["{.text}", "<é>"],
    ["{.numbers[*]}{range .items[*]}{.metadata.name}{'\\n'}{end}done", "1 2 3 4 5one\ntwo\nthree\ndone"],
    [
      "{range .items[*]}{.metadata.name}:{range @.spec.containers[*]}{.name},{end}+{end}{.kind}",
      "one:a,b,+two:c,+three:+List",
    ],
    ["{range .missing[*]}{.a}{range .b[*]}x{end}y{end}{.kind}", "List"],
  ])("%s", (template, text) => {
    expect(compileJsonPath(template).print(list)).toBe(text);
  });

  test("any number of objects with one template, ranges too", () => {
    const path = compileJsonPath("{range .numbers[*]}{@},{end};");
    expect([path.print(list), path.print({ numbers: [7] }), path.print({})]).toEqual(["1,2,3,4,5,;", "7,;", ";"]);
  });

  test("whole and fractional numbers compare, where Go refuses", () => {
    expect(compileJsonPath("{.items[?(@.spec.replicas>1.5)].metadata.name}").print(list)).toBe("two three");
  });

  test("maps as JSON with Go's escapes", () => {
    expect(compileJsonPath("{@}").print({ b: "<&>", a: null })).toBe('{"a":null,"b":"\\u003c\\u0026\\u003e"}');
  });

  test("what the data says through the given escape, what the template says as it is", () => {
    const path = compileJsonPath('{"\\x1b[1m"}{.kind}{.missing} {3}');
    expect(path.print(list, (text) => `<${text}>`)).toBe("\u001b[1m<List><> 3");
  });

  test("as JSON, an array for each part", () => {
    expect(compileJsonPath("{.numbers[0:2]} {.missing}").printAsJson(list)).toBe(
      '[\n    1,\n    2\n]\n[\n    " "\n]\n[]\n',
    );
  });
});

test("find gives the values of each part", () => {
  expect(compileJsonPath("{.items[*].metadata.name}{.kind}").find(list)).toEqual([["one", "two", "three"], ["List"]]);
});

describe("a template that cannot be read is a usage error in kubectl's words", () => {
  test.each([
    ["{.a[}", "unterminated array"],
    ["{.hello", "unclosed action"],
    ["{.hello\n}", "unclosed action"],
    ["{*}", "unrecognized character in action: U+002A '*'"],
    ["{\\}", "unrecognized character in action: U+005C '\\'"],
    ["{+12.3.0}", "cannot parse number +12.3.0"],
    ["{[?(.price]}", "unterminated filter"],
    ["{[?(.price)}", "unclosed array expect ]"],
    ["{........}", "invalid multiple recursive descent"],
    ["{.a[b]}", "invalid array index b"],
    ["{.a[-]}", "array index - is not a number"],
    ['{"open}', "unterminated quoted string"],
    ['{"\\\'"}', 'unquote string "\\\'" error invalid syntax'],
    ['{[?(@.name=~"x.*")]}', "unrecognized character in action: U+007E '~'"],
  ])("%s", (template, reason) => {
    expect(() => compileJsonPath(template)).toThrow(
      expect.objectContaining({ kind: "usage", line: `error: error parsing jsonpath ${template}, ${reason}` }),
    );
  });
});

describe("a template that does not fit the data fails in kubectl's words", () => {
  test.each([
    ["{hello}", "unrecognized identifier hello"],
    ["{end}", "not in range, nothing to end"],
    ["{.numbers[9]}", "array index out of bounds: index 9, length 5"],
    ["{.numbers[-9]}", "array index out of bounds: index -4, length 5"],
    ["{.numbers[0:9]}", "array index out of bounds: index 8, length 5"],
    ["{.numbers[3:1]}", "starting index 3 is greater than ending index 1"],
    ["{.numbers[0:5:0]}", "step must be > 0"],
    ["{.kind[0]}", "string is not array or slice"],
    ["{.items[0].spec[0]}", "map[string]interface {} is not array or slice"],
    ["{.items[0].metadata.labels[?(@.a)]}", "map[example.com/tier:web] is not array or slice and cannot be filtered"],
    ["{.items[?(@.spec.replicas<>1)]}", "unrecognized filter operator <>"],
    ['{.items[?(@.spec.replicas=="1")]}', "incompatible types for comparison"],
    ["{.items[?(@.ready>true)]}", "invalid type for comparison"],
    ["{.items[?(@.spec==1)]}", "invalid type for comparison"],
    ["{.items[?(@.spec.containers[*].name=='a')]}", "can only compare one element at a time"],
  ])("%s", (template, reason) => {
    const path = compileJsonPath(template);
    const message = `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${reason}`;
    expect(() => path.print(list)).toThrow(expect.objectContaining({ kind: "failed", message }));
  });

  test("missing keys only where they are not allowed", () => {
    const path = compileJsonPath("{.missing}", { allowMissingKeys: false });
    expect(() => path.print(list)).toThrow("Error executing template: missing is not found");
  });
});

describe("relaxedJsonPath", () => {
  test.each([
    ["metadata.name", "{.metadata.name}"],
    [".metadata.name", "{.metadata.name}"],
    ["{metadata.name}", "{.metadata.name}"],
    ["{.metadata.name}", "{.metadata.name}"],
    ["items[0].name", "{.items[0].name}"],
    ["", ""],
  ])("%s", (expression, template) => {
    expect(relaxedJsonPath(expression)).toBe(template);
  });

  test("refuses anything else", () => {
    expect(() => relaxedJsonPath("{.a}{.b}")).toThrow(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  });
});
