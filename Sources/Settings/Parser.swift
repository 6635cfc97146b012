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
  var values: [String: [String]] = [:]

  init(spec: CommandSpec, words: ArraySlice<String>) {
    (self.spec, self.words) = (spec, words)
  }

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
    try checkPositionals()
    return ParsedArguments(spec: spec, positionals: positionals, values: values)
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
    if option.kind == .flag && !rest.isEmpty { throw usage("'-\(letters)' is not an option; write options apart") }
    try take(option, as: "-\(letter)", attached: rest.isEmpty ? nil : String(rest))
  }

  private mutating func take(_ option: OptionSpec, as written: String, attached: String?) throws {
    if option.kind == .flag {
      if attached != nil { throw usage("'\(written)' takes no value") }
      values[option.name] = ["yes"]
      return
    }
    guard let value = attached ?? words.popFirst() else {
      throw usage("'\(written)' needs a value: \(option.kind.placeholder)")
    }
    if values[option.name] != nil && !option.repeats { throw usage("'\(written)' is given twice") }
    let parts = option.repeats ? value.split(separator: ",").map(String.init) : [value]
    if parts.isEmpty || parts.contains(where: \.isEmpty) {
      throw usage("'\(written)' needs a value: \(option.kind.placeholder)")
    }
    for part in parts {
      if let complaint = option.kind.complaint(about: part) { throw usage("'\(written) \(part)': \(complaint)") }
    }
    values[option.name, default: []] += parts
  }

  private func checkPositionals() throws {
    if positionals.count > spec.arguments.count, spec.arguments.last?.repeats != true {
      throw usage("'\(positionals[spec.arguments.count])' is one argument too many")
    }
    if positionals.count < spec.arguments.count(where: { !$0.isOptional }) {
      let argument = spec.arguments[positionals.count]
      throw usage("\(argument.name) is missing: \(argument.help)")
    }
  }

  private func usage(_ message: String) -> UserError {
    UserError("\(message). See 'fovea \(spec.name) --help'.", .usage)
  }
}

extension ValueKind {
  /// Why the text is no such value, or nil when it is one.
  func complaint(about text: String) -> String? {
    switch self {
    case .flag, .text, .file: return nil
    case .integer(let range):
      if let value = Int(text), range.contains(value) { return nil }
      return "a whole number from \(range.lowerBound) to \(range.upperBound) is needed"
    case .number(let range):
      if let value = Double(text), range.contains(value) { return nil }
      return "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound)) is needed"
    case .choice(let words):
      if words.contains(text) { return nil }
      return "one of \(words.joined(separator: ", ")) is needed\(suggestion(for: text, among: words))"
    case .time:
      return parseTime(text) == nil ? "a time is needed, such as 90, 1.5, 1:30 or 0:01:30.5" : nil
    }
  }
}

/// A number as people write it: no `.0` behind a whole one.
private func plain(_ number: Double) -> String {
  let text = String(number)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
