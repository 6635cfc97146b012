import Foundation
import TestSupport
import Testing

/// Fixtures that several suites need lie in Tests/Fixtures: no suite reads the folder of another one.
@Suite struct SuiteFolderTests {
  @Test func everySuiteReadsItsOwnFolder() throws {
    let tests = TestData.root.appendingPathComponent("Tests")
    let walker = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
    var files = 0
    for case let url as URL in walker where url.pathExtension == "swift" {
      let path = url.standardizedFileURL.path.dropFirst(tests.standardizedFileURL.path.count + 1)
      let suite = path.prefix { $0 != "/" }
      files += 1
      for match in try String(contentsOf: url, encoding: .utf8).matches(of: /Tests\/(\w+Tests)\//) {
        #expect(match.1 == suite, "Tests/\(path) names \(match.0)")
      }
    }
    #expect(files > 50)
  }
}
