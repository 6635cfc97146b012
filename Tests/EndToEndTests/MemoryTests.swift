import Foundation
import TestSupport
import Testing

/// However little memory the shell allows, a command works or says that there is not enough.
@Suite struct MemoryTests {
  /// Outcomes of a command under limits from what the program's own libraries take upwards.
  private func outcomes(of command: String) throws -> [String] {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        export SWIFT_BACKTRACE=enable=no; ulimit -c 0
        for mb in 330 380 430 470 510 550 600 660 720 800 1000 1300; do
          (ulimit -v $((mb * 1024)); timeout -k 1 30 \(command) > log 2>&1); status=$?
          if [ $status = 0 ]; then echo works
          elif [ $status = 1 ] && grep -q '^fovea: error: .*memory' log; then echo says
          elif grep -q 'shared librar' log; then echo unloaded
          else echo "$mb: $status $(tail -c 300 log)"; fi
        done
        """, in: folder)
      return result.text.split(separator: "\n").map(String.init)
    }
  }

  @Test(arguments: [
    "fovea annotate synthetic:size=640x360,rate=25,frames=5 out.mp4 -y --saliency grad-cam",
    "fovea annotate synthetic:size=640x360,rate=25,frames=5 --json out.json -y",
    "fovea explain synthetic:size=320x240,rate=25,frames=1 -o out.png -y --method all",
  ]) func itWorksOrSaysSo(command: String) throws {
    let found = try outcomes(of: "\(command) --model \(tinyModel)")
    #expect(found.count == 12 && found.allSatisfy { ["works", "says", "unloaded"].contains($0) }, "\(found)")
    #expect(found.contains("says") && found.last == "works", "\(found)")
  }
}
