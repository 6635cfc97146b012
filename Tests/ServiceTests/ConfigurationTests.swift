import Foundation
import TestSupport
import Testing

@testable import Service

/// A configuration in a folder of its own.
private func read(_ text: String, dropIns: [String: String] = [:], environment: [String: String] = [:]) throws
  -> ServiceConfiguration
{
  try TestData.withTemporaryFolder { folder in
    try text.write(to: folder.appendingPathComponent("fovea.toml"), atomically: true, encoding: .utf8)
    if !dropIns.isEmpty {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("conf.d"), withIntermediateDirectories: true)
    }
    for (name, text) in dropIns {
      try text.write(to: folder.appendingPathComponent("conf.d/\(name)"), atomically: true, encoding: .utf8)
    }
    return try ServiceConfiguration.read(
      folder.appendingPathComponent("fovea.toml").path, environment: environment)
  }
}

/// What is wrong with a configuration: lines, columns and sentences, without the folder.
private func faults(_ text: String, dropIns: [String: String] = [:], environment: [String: String] = [:]) throws
  -> [String]
{
  do {
    _ = try read(text, dropIns: dropIns, environment: environment)
    return []
  } catch let error as ConfigurationFaults {
    return error.faults.map { fault in
      let name = fault.file.split(separator: "/").last.map(String.init) ?? fault.file
      return (fault.place.map { "\(name) \($0.line):\($0.column) " } ?? "\(name) ") + fault.sentence
    }
  }
}

private let camera = "[[camera]]\nname = \"a\"\nsource = \"synthetic:\"\n"

@Suite struct ConfigurationTests {
  @Test func everythingHasADefault() throws {
    let configuration = try read(camera)
    let first = try #require(configuration.cameras.first)
    #expect(configuration.cameras.count == 1 && first.name == "a" && first.source == .synthetic(""))
    #expect(configuration.viewer.port == 8600 && configuration.mqtt == nil && configuration.webhook == nil)
    #expect(first.gate == .still && first.recording.kind == .source && first.recording.moment == .events)
    #expect(first.maxAge.seconds == 10 && first.recording.segment.seconds == 600)
  }

  @Test func valuesAreRead() throws {
    let configuration = try read(
      """
      [storage]
      max_size = "1.5GB"
      max_age = "30d"
      [mqtt]
      broker = "mqtts://broker"
      [[camera]]
      name = "front-door"
      source = "rtsp://10.0.0.1/live"
      user = "viewer"
      password = "credential:front"
      size = "640x360"
      analysis_rate = 5
      saliency = "none"
      [[camera.rule]]
      name = "dog"
      class = ["golden retriever", "beagle"]
      not = "cat"
      confidence = 0.6
      for = "2s"
      cooldown = "1m"
      region = ["0 0.5", "1 0.5", "1 1"]
      from = "22:00"
      to = "06:30"
      days = ["sat", "sun"]
      """)
    let camera = try #require(configuration.cameras.first)
    let rule = try #require(camera.rules.first)
    #expect(
      configuration.storage.maxSize?.bytes == 1_500_000_000 && configuration.storage.maxAge?.seconds == 30 * 86400)
    #expect(camera.saliency == nil && camera.analysisRate == 5 && camera.size?.width == 640)
    #expect(camera.password?.description == "credential:front")
    #expect(rule.classes == ["golden retriever", "beagle"] && rule.not == ["cat"] && rule.hold.seconds == 2)
    #expect(rule.cooldown.seconds == 60 && rule.region.count == 3 && rule.region[0] == RegionPoint(x: 0, y: 0.5))
    #expect(rule.from?.minutes == 22 * 60 && rule.to?.minutes == 6 * 60 + 30 && rule.days == [.sat, .sun])
  }

  /// All faults of all kinds at once, each at its place, in the order of the files.
  @Test func everyFaultIsTold() throws {
    let told = try faults(
      """
      [viewr]
      port = 1
      [viewer]
      port = 99999
      listen = 1
      [[camera]]
      nam = "a"
      source = "synthetic:"
      size = "wide"
      gate = "stil"
      password = "hunter2"
      [[camera]]
      name = "b/c"
      source = "/nowhere/at/all.mp4"
      [[camera.rule]]
      name = "x"
      region = ["0 0", "1 1"]
      from = "25:00"
      """)
    #expect(
      told == [
        "fovea.toml 1:2 there is no key 'viewr'; did you mean 'viewer'?",
        "fovea.toml 4:8 'port': a whole number from 0 to 65535 is needed",
        "fovea.toml 5:10 'listen': a text in quotes is needed, not a whole number",
        "fovea.toml 6:1 [[camera]] lacks the key 'name', such as name = \"front-door\"",
        "fovea.toml 7:1 there is no key 'nam' in [[camera]]; did you mean 'name'?",
        "fovea.toml 9:8 'size': a width and a height from 1 to 16384 are needed, such as 640x360",
        "fovea.toml 10:8 'gate': one of off, still is needed; did you mean 'still'?",
        "fovea.toml 11:12 'password': a secret does not stand in this file: write \"file:/path\" of a file that holds it, or "
          + "\"credential:NAME\" of a credential that systemd passes (LoadCredential=)",
        "fovea.toml 13:8 'name': a name of 1 to 64 letters, digits, - and _ is needed, such as \"front-door\"",
        "fovea.toml 14:10 'source': there is no file /nowhere/at/all.mp4",
        "fovea.toml 16:8 'name': the rule names neither a 'class' nor a 'not'",
        "fovea.toml 17:10 'region': a polygon has three corners or more",
        "fovea.toml 18:8 'from': a time of day is needed, such as \"07:30\" or \"22:00\"",
      ])
  }

  @Test func aSecretIsNeverPrinted() throws {
    let told = try faults(camera + "user = \"u\"\npassword = \"hunter2\"\n")
    #expect(told.count == 1 && !told[0].contains("hunter2"))
  }

  @Test func brokenFilesAreTold() throws {
    #expect(try faults("[[camera]\n").first?.contains("line 1, column") == true)
    #expect(try faults(camera + camera).first?.contains("another camera is called 'a' too") == true)
    #expect(try faults(camera + "[camera.rule]\nname = \"x\"\n").first?.contains("[[rule]]") == true)
  }

  @Test func dropInsWinKeyByKey() throws {
    let configuration = try read(
      "[viewer]\nport = 1\nlisten = \"::1\"\n" + camera,
      dropIns: [
        "10-port.toml": "[viewer]\nport = 2\n", "20-b.toml": "[[camera]]\nname = \"b\"\nsource = \"synthetic:\"\n",
        "ignored.txt": "nonsense",
      ])
    #expect(configuration.viewer.port == 2 && configuration.viewer.host == "::1")
    #expect(configuration.cameras.map(\.name) == ["a", "b"])
    #expect(
      try faults(camera, dropIns: ["x.toml": "[storage]\nmax_sise = 1\n"]).first?.hasPrefix("x.toml 2:1 ") == true)
  }

  @Test func theEnvironmentWins() throws {
    let two = camera + "[[camera]]\nname = \"a-b\"\nsource = \"synthetic:\"\n"
    let configuration = try read(
      two,
      environment: ["FOVEA_VIEWER_PORT": "7", "FOVEA_CAMERA_A_B_ANALYSIS_RATE": "3", "FOVEA_ISA": "avx2", "HOME": "x"])
    #expect(configuration.viewer.port == 7)
    #expect(configuration.cameras.map(\.analysisRate) == [0, 3])
    let told = try faults(
      camera, environment: ["FOVEA_VIEWER_PRT": "7", "FOVEA_CAMERA_X_RATE": "3", "FOVEA_STORAGE_MAX_AGE": "soon"])
    #expect(told.count == 3 && told.contains { $0.contains("did you mean 'PORT'?") })
    #expect(told.allSatisfy { $0.hasPrefix("the environment variable FOVEA_") })
  }

  /// Two cameras that say the same are the same, wherever they stand.
  @Test func camerasCompareByWhatTheySay() throws {
    let (a, b) = (try read(camera), try read("# moved\n\n" + camera))
    #expect(a == b)
    #expect(try read(camera + "top_k = 3\n") != a)
  }
}

/// The documented file against the code, both ways.
@Suite struct ConfigurationDocumentTests {
  private static let file = TestData.root.appendingPathComponent("Systemd/fovea.toml")

  /// A missing file is recorded and fails; delete it to record it again.
  @Test func theFileIsWhatTheCodeSays() throws {
    guard let data = FileManager.default.contents(atPath: Self.file.path) else {
      try Data(ConfigurationDocument.toml.utf8).write(to: Self.file)
      Issue.record("Systemd/fovea.toml was missing and has been recorded")
      return
    }
    #expect(String(decoding: data, as: UTF8.self) == ConfigurationDocument.toml)
  }

  /// With every key switched on it is a configuration without unknown keys, and no key is missing.
  @Test func everyKeyIsReadAndDocumented() throws {
    let text = ConfigurationDocument.toml.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") && line != "#" ? line.dropFirst() : line
    }.joined(separator: "\n")
    let told = try faults(text)
    #expect(told.isEmpty, "\(told)")
    func check(_ spec: SectionSpec) {
      for key in spec.keys { #expect(text.contains("\n\(key.name) = "), "\(spec.name).\(key.name)") }
      spec.inner.forEach(check)
    }
    ServiceConfiguration.sections.forEach(check)
  }

  /// A package must not switch a camera on: the file as it is installed has none.
  @Test func theFileAsItIsHasNoCamera() throws {
    #expect(try read(ConfigurationDocument.toml).cameras.isEmpty)
  }
}
