import Settings

/// The configuration's documentation, made of the same tables that it is read by: `Systemd/fovea.toml` and the manual page.
package enum ConfigurationDocument {
  /// The commented file: every key with its default, or an example where it has none.
  package static var toml: String {
    let head = """
      # Fovea's service: fovea serve --config /etc/fovea/fovea.toml
      #
      # Every key is here, with its default behind the =, or with an example where it says so. What is left out has its default.
      # Files in conf.d beside this one are read after it: their keys win, their cameras are added. Variables of the environment
      # win over both: FOVEA_VIEWER_PORT=8700, FOVEA_CAMERA_FRONT_DOOR_SOURCE=…
      # Say what is wrong with it: fovea serve --check. Apply a change: systemctl reload fovea, or fovea reload.

      """
    return head + ServiceConfiguration.sections.map { section($0, path: "") }.joined()
  }

  private static func section(_ spec: SectionSpec, path: String) -> String {
    let name = path.isEmpty ? spec.name : "\(path).\(spec.name)"
    let title = spec.isRepeated ? "[[\(name)]]" : "[\(name)]"
    return "\n" + wrapped(spec.help) + "#\(title)\n" + spec.keys.map(key).joined()
      + spec.inner.map { section($0, path: name) }.joined()
  }

  private static func key(_ key: any KeySpec) -> String {
    let note = key.isRequired ? "required; an example" : key.standard == nil ? "no default; an example" : nil
    return "\n" + wrapped(sentence(key.help) + (note.map { " (\($0))" } ?? ""))
      + "#\(key.name) = \(key.standard ?? key.example ?? "")\n"
  }

  /// Lines of comment.
  private static func wrapped(_ text: String) -> String {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count > 110 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "# " : " ") + word
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func sentence(_ text: String) -> String { (text.first?.uppercased() ?? "") + text.dropFirst() }

  /// The manual page fovea.toml(5), in roff.
  package static func manual(version: String) -> String {
    """
    .TH FOVEA.TOML 5 "" "fovea \(version)" "Configuration files"
    .SH NAME
    fovea.toml \\- configuration of fovea serve
    .SH DESCRIPTION
    A TOML file that says which cameras
    .BR fovea\\-serve
    watches, what is an event and what is kept. Files in
    .I conf.d
    beside it are read after it in the order of their names: their keys win, their cameras are added. A variable of the environment
    such as
    .B FOVEA_VIEWER_PORT
    or
    .B FOVEA_CAMERA_FRONT_DOOR_SOURCE
    wins over both. Secrets never stand in the file: keys for them name a place,
    .I file:/path
    or
    .I credential:NAME
    (systemd's LoadCredential=).
    .PP
    .B fovea serve \\-\\-check
    says what is wrong with it, each fault with its line and column.

    """ + ServiceConfiguration.sections.map { manualSection($0, path: "") }.joined() + """
      .SH FILES
      .I /etc/fovea/fovea.toml
      .br
      .I /etc/fovea/conf.d/*.toml
      .SH SEE ALSO
      .BR fovea (1)

      """
  }

  private static func manualSection(_ spec: SectionSpec, path: String) -> String {
    let name = path.isEmpty ? spec.name : "\(path).\(spec.name)"
    let title = spec.isRepeated ? "[[\(name)]]" : "[\(name)]"
    return ".SH \(roff(title))\n\(roff(spec.help))\n"
      + spec.keys.map { key in
        let value = key.standard.map { " = \($0)" } ?? ""
        let note = key.isRequired ? " Required." : ""
        let example = key.standard == nil ? " Example: \(key.example ?? "")" : ""
        return ".TP\n.B \(roff(key.name + value))\n\(roff(sentence(key.help) + "." + note + example))\n"
      }.joined() + spec.inner.map { manualSection($0, path: name) }.joined()
  }
}
