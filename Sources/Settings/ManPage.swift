/// The manual page of the program in roff, from the same tables as the help: man(7).
package func manPage(
  program: String, summary: String, version: String, commands: [CommandSpec], variables: [VariableSpec] = []
) -> String {
  var lines = [
    ".TH \(program.uppercased()) 1 \"\" \"\(program) \(version)\" \"User Commands\"",
    ".SH NAME", "\(program) \\- \(roff(summary))",
    ".SH SYNOPSIS",
  ]
  for command in commands { lines += [".B \(roff(usageLine(for: command)))", ".br"] }
  lines.append(".SH COMMANDS")
  for command in commands {
    lines += [".SS \(command.name)", roff(command.summary.capitalizedFirst) + "."]
    for paragraph in command.discussion.split(separator: "\n") { lines += [".PP", roff(String(paragraph))] }
    for argument in command.arguments { lines += [".TP", ".I \(argument.name)", roff(argument.help)] }
    for section in sections(of: command) {
      lines += [".PP", ".B \(section.title)"]
      for option in section.options {
        lines += [".TP", ".B \(roff(heading(of: option)))", roff(explanation(of: option))]
      }
    }
    for example in command.examples {
      lines += [".PP", roff(example.meaning.capitalizedFirst) + ":", ".PP", ".nf", roff(example.command), ".fi"]
    }
  }
  if !variables.isEmpty { lines.append(".SH ENVIRONMENT") }
  for variable in variables { lines += [".TP", ".B \(variable.name)", roff(variable.meaning.capitalizedFirst) + "."] }
  lines += [
    ".SH EXIT STATUS", ".TP", ".B 0", "The work is done.", ".TP", ".B 1", "The work failed.", ".TP", ".B 2",
    "The command line is wrong.", ".TP", ".B 78", "A configuration file is wrong.",
  ]
  return lines.joined(separator: "\n") + "\n"
}

/// Escapes what roff would take as a request or an escape sequence.
package func roff(_ text: String) -> String {
  let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
  return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
}
