import Foundation
import TestSupport
import Testing

@testable import Service

/// What Docs says of the service's interface, against the code.
@Suite struct DocumentTests {
  private func json(_ name: String) throws -> [String: Any] {
    let file = TestData.root.appendingPathComponent("Docs/\(name)")
    return try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
  }

  @Test func openAPIListsTheRoutes() throws {
    let paths = try #require(try json("openapi-service.json")["paths"] as? [String: [String: Any]])
    let documented = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
    #expect(documented == Set(ServiceRoutes.all.map { "\($0.method) \($0.pattern)" }))
  }

  /// Every metric of the dashboard is one that the code writes.
  @Test func theDashboardShowsWhatThereIs() throws {
    let text = try String(contentsOf: TestData.root.appendingPathComponent("Docs/grafana.json"), encoding: .utf8)
    let sources = try ["Sources/Service/Metrics/ServiceMetrics.swift", "Sources/Viewer/API/Metrics.swift"].map {
      try String(contentsOf: TestData.root.appendingPathComponent($0), encoding: .utf8)
    }.joined()
    let names = Set(
      text.matches(of: /(fovea|process)_[a-z_]+/).map { String($0.output.0).replacing("_bucket", with: "") })
    #expect(names.count > 10)
    for name in names { #expect(sources.contains("\"\(name)\""), "\(name)") }
  }

  /// The tests that the table of faults names exist.
  @Test func theTableOfFaultsNamesTests() throws {
    let page = try String(contentsOf: TestData.root.appendingPathComponent("Docs/Reliability.md"), encoding: .utf8)
    let tests = TestData.root.appendingPathComponent("Tests")
    let walker = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
    var code = ""
    for case let url as URL in walker where url.pathExtension == "swift" {
      code += try String(contentsOf: url, encoding: .utf8)
    }
    var count = 0
    for match in page.matches(of: /`(\w+)\.(\w+)`/) where match.1.hasSuffix("Tests") {
      count += 1
      #expect(code.contains("func \(match.2)("), "\(match.0)")
    }
    #expect(count > 8)
  }
}
