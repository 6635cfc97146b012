import Testing

/// Names of files are bytes, which `String.fileName` gives to the system. Foundation's own functions take UTF-8 only, and so does a plain
/// `String` where C wants a path.
@Suite struct FileNamesTests {
  @Test func pathsGoToTheSystemAsBytes() throws {
    let places = try sourceFiles().filter { !$0.path.hasPrefix("Sources/Telemetry/Files/") }.flatMap { file in
      file.lines.indices.filter { isWrong(file.lines[$0]) }.map { "\(file.path):\($0 + 1): \(file.lines[$0])" }
    }
    #expect(places.isEmpty, "names that are not UTF-8 get lost in:\n\(places.joined(separator: "\n"))")
  }

  @Test func theCheckSeesPlainPaths() {
    for wrong in [
      "open(path, O_RDONLY)", "let a = Glibc.open(name, flags)", "guard stat(path, &status) == 0", "unlink(draft)",
      "rename(a, b)", "FileManager.default", "URL(fileURLWithPath: x)", "avio_open2(&io, url, 0, nil, nil)",
      "(x as NSString)", "CommandLine.arguments", #"environment["HOME"]"#,
    ] { #expect(isWrong(wrong), "\(wrong)") }
    for right in [
      "open(path.fileName, O_RDONLY)", "try open(settings)", "first = try open(inner)", "func open(",
      "fstat(d, &status)", "var status = stat()", "/// Removes by unlink(path).",
    ] { #expect(!isWrong(right), "\(right)") }
  }

  private func isWrong(_ line: String) -> Bool {
    let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
    if code.contains(/FileManager|fileURLWithPath|NSString|contentsOfFile|forReadingAtPath|CommandLine\.arguments/) {
      return true
    }
    if code.contains(/environment\["(HOME|XDG_CACHE_HOME|TMPDIR|FOVEA_MODEL)"\]/) { return true }
    let call = code.contains(
      /(^|[^\w.]|Glibc\.)(l?stat|access|unlink|rmdir|link|symlink|readlink|realpath|opendir|mkdir|glob|fopen)\([^)]/
    )
    let opening = code.contains(/(^|[^\w.]|Glibc\.)open\([^)]*O_|Glibc\.open\(|avformat_open_input\(|avio_open2?\(/)
    let renaming = code.contains(/(^|[^\w.]|Glibc\.)rename\(\w+,/)
    // Bytes already: a C string of FFmpeg's, the template that mkostemp has filled in.
    return (call || opening || renaming)
      && !code.contains(/\.fileName\b|, address\b|address,|\.pointee\.url|\(template\)/)
  }
}
