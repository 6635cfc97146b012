/// The help of one command, wrapped at 80 columns.
package func helpText(for spec: CommandSpec) -> String {
  var lines = ["\(spec.summary.capitalizedFirst).", "", "Usage: \(usageLine(for: spec))"]
  if !spec.discussion.isEmpty {
    lines.append("")
    for paragraph in spec.discussion.split(separator: "\n", omittingEmptySubsequences: false) {
      lines += wrap(String(paragraph), width: 80)
    }
  }
  if !spec.arguments.isEmpty {
    lines += ["", "Arguments:"]
    for argument in spec.arguments { lines += entry(argument.name, argument.help) }
  }
  for section in sections(of: spec) {
    lines += ["", "\(section.title):"]
    for option in section.options { lines += entry(heading(of: option), explanation(of: option)) }
  }
  if !spec.examples.isEmpty {
    lines += ["", "Examples:"]
    for example in spec.examples { lines += ["  \(example.command)", "      \(example.meaning)"] }
  }
  return lines.joined(separator: "\n") + "\n"
}

/// The program's own help: what it is, and its commands.
package func helpText(program: String, summary: String, commands: [CommandSpec]) -> String {
  let width = (commands.map(\.name.count).max() ?? 0) + 2
  var lines = [summary, "", "Usage: \(program) COMMAND …", "", "Commands:"]
  for command in commands {
    lines.append("  \(command.name.padded(to: width))\(command.summary)")
  }
  lines += ["", "'\(program) COMMAND --help' explains a command."]
  return lines.joined(separator: "\n") + "\n"
}

/// As in `fovea annotate INPUT [OUTPUT] [options]`.
package func usageLine(for spec: CommandSpec) -> String {
  let arguments = spec.arguments.map { argument in
    let name = argument.name + (argument.repeats ? "…" : "")
    return argument.isOptional ? "[\(name)]" : name
  }
  return (["fovea", spec.name] + arguments + (spec.options.isEmpty ? [] : ["[options]"])).joined(separator: " ")
}

/// The options grouped under their headings, in the order in which headings first appear.
func sections(of spec: CommandSpec) -> [(title: String, options: [any OptionSpec])] {
  var titles: [String] = []
  for option in spec.options where !titles.contains(option.section) { titles.append(option.section) }
  return titles.map { title in (title, spec.options.filter { $0.section == title }) }
}

/// As in `-o, --output FILE`.
func heading(of option: any OptionSpec) -> String {
  let short = option.short.map { "-\($0), " } ?? ""
  let value = option.placeholder.map { " \($0)" } ?? ""
  return "\(short)--\(option.name)\(value)"
}

/// The help with the default in brackets.
func explanation(of option: any OptionSpec) -> String {
  option.help + (option.standard.map { " [\($0)]" } ?? "")
}

private func entry(_ head: String, _ text: String) -> [String] {
  let indent = 26
  let body = wrap(text, width: 80 - indent)
  let padding = String(repeating: " ", count: indent)
  let first = "  \(head)"
  // A long head gets a line of its own.
  if first.count + 2 > indent { return [first] + body.map { padding + $0 } }
  return [first.padded(to: indent) + (body.first ?? "")] + body.dropFirst().map { padding + $0 }
}

private func wrap(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty && line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return lines + [line]
}

extension String {
  func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }

  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
