import Telemetry

/// Reads the words after the subcommand.
///
/// `--name value`, `--name=value`, `-x value`, `-xvalue`; `-` alone is a positional argument (a pipe); after `--` everything is positional.
/// - Throws: `UserError` of kind `.usage`, naming the word and the nearest right one.
package func parse(_ words: [String], for spec: CommandSpec) throws -> ParsedArguments {
  var parser = Parser(spec: spec, words: words[...])
  return try parser.run()
}

private struct Parser {
  let spec: CommandSpec
  var words: ArraySlice<String>
  var positionals: [String] = []
  var values: [String: [any Sendable]] = [:]

  mutating func run() throws -> ParsedArguments {
    var onlyPositionals = false
    while let word = words.popFirst() {
      if onlyPositionals || word == "-" || !word.hasPrefix("-") {
        positionals.append(word)
      } else if word == "--" {
        onlyPositionals = true
      } else if word.hasPrefix("--") {
        try long(word.dropFirst(2))
      } else {
        try short(word.dropFirst())
      }
    }
    return ParsedArguments(spec: spec, positionals: try readPositionals(), options: values)
  }

  private mutating func long(_ word: Substring) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = spec.options.first(where: { $0.name == name }) else {
      let hint = suggestion(for: name, among: spec.options.map(\.name)).replacing("'", with: "'--", maxReplacements: 1)
      throw usage("there is no option '--\(name)'\(hint)")
    }
    try take(option, as: "--\(name)", attached: parts.count == 2 ? String(parts[1]) : nil)
  }

  private mutating func short(_ letters: Substring) throws {
    let letter = letters.first ?? "-"
    guard let option = spec.options.first(where: { $0.short == letter }) else {
      throw usage("there is no option '-\(letter)'")
    }
    let rest = letters.dropFirst()
    if option.placeholder == nil && !rest.isEmpty { throw usage("'-\(letters)' is not an option; write options apart") }
    try take(option, as: "-\(letter)", attached: rest.isEmpty ? nil : String(rest))
  }

  private mutating func take(_ option: any OptionSpec, as written: String, attached: String?) throws {
    guard let placeholder = option.placeholder else {
      if attached != nil { throw usage("'\(written)' takes no value") }
      values[option.name] = [true]
      return
    }
    guard let value = attached ?? words.popFirst() else { throw usage("'\(written)' needs a value: \(placeholder)") }
    if values[option.name] != nil && !option.repeats { throw usage("'\(written)' is given twice") }
    let parts = option.separatesAtCommas ? value.split(separator: ",").map(String.init) : [value]
    if parts.isEmpty || parts.contains(where: \.isEmpty) {
      throw usage("'\(written)' needs a value: \(placeholder)")
    }
    for part in parts {
      do { values[option.name, default: []].append(try option.read(part)) } catch {
        throw usage("'\(written) \(part)': \(error)")
      }
    }
  }

  private func readPositionals() throws -> [String: [any Sendable]] {
    if positionals.count > spec.arguments.count, spec.arguments.last?.repeats != true {
      throw usage("'\(positionals[spec.arguments.count])' is one argument too many")
    }
    if positionals.count < spec.arguments.count(where: { !$0.isOptional }) {
      let argument = spec.arguments[positionals.count]
      throw usage("\(argument.name) is missing: \(argument.help)")
    }
    var values: [String: [any Sendable]] = [:]
    for (index, word) in positionals.enumerated() {
      let argument = spec.arguments[min(index, spec.arguments.count - 1)]
      values[argument.name, default: []].append(try argument.read(word))
    }
    return values
  }

  private func usage(_ message: String) -> UserError {
    UserError("\(message)\(message.hasSuffix(".") ? "" : ".") See 'fovea \(spec.name) --help'.", .usage)
  }
}
