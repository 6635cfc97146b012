import Foundation
import TestSupport
import Testing

/// Inputs are never overwritten, and signals end the work wherever it waits.
@Suite struct SafetyTests {
  /// A clip in a folder of its own.
  private func withClip(_ body: (URL) throws -> Void) throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        ["-f", "lavfi", "-i", "testsrc=s=160x120:d=1", "-pix_fmt", "yuv420p", "-c:v", "libx264", "in.mp4"], in: folder)
      try body(folder)
    }
  }

  @Test func theInputIsNeverTheOutput() throws {
    try withClip { folder in
      let files = FileManager.default
      let clip = folder.appendingPathComponent("in.mp4")
      let before = try Data(contentsOf: clip)
      try files.linkItem(at: clip, to: folder.appendingPathComponent("hard.mp4"))
      try files.createSymbolicLink(
        atPath: folder.appendingPathComponent("soft.mp4").path, withDestinationPath: "in.mp4")
      let names = try files.contentsOfDirectory(atPath: folder.path).sorted()
      for output in ["in.mp4", "./in.mp4", "hard.mp4", "soft.mp4", clip.path] {
        let result = try annotate(["in.mp4", output, "--overwrite"], in: folder)
        expectRefusal(result, status: 2, saying: ["read by this very command"])
      }
      let data = try annotate(["in.mp4", "--json", "soft.mp4", "--overwrite"], in: folder)
      expectRefusal(data, status: 2, saying: ["soft.mp4"])
      let piped = try annotate(["-", "in.mp4", "--overwrite"], in: folder, input: clip)
      expectRefusal(piped, status: 2, saying: ["in.mp4"])
      let twice = try annotate(["in.mp4", "out.mp4", "--json", "./out.mp4"], in: folder)
      expectRefusal(twice, status: 2, saying: ["two outputs"])
      #expect(try Data(contentsOf: clip) == before)
      #expect(try files.contentsOfDirectory(atPath: folder.path).sorted() == names)
    }
  }

  @Test func aSequenceIsNotReplacedWhileItIsRead() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(["-f", "lavfi", "-i", "testsrc=s=160x120:d=1:r=3", "f%03d.png"], in: folder)
      let result = try annotate(["f%03d.png", "f%03d.png", "--overwrite"], in: folder)
      expectRefusal(result, status: 2, saying: ["f001.png"])
    }
  }

  @Test func aVideoIsNoSinglePicture() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try annotate([testPattern, "out.png"], in: folder)
      expectRefusal(result, status: 2, saying: ["out-%05d.png"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  /// Names of files are bytes: two that differ in a byte that is no UTF-8 stay two files, and messages show that byte.
  @Test func namesThatAreNoUTF8AreKept() throws {
    try withClip { folder in
      let result = try shell(
        #"""
        in=$(printf 'caf\351.mp4') one=$(printf 'a\351.mp4') two=$(printf 'a\350.mp4')
        mv in.mp4 "$in"
        for out in "$one" "$two"; do fovea annotate "$in" "$out" -y --quiet --model "\#(tinyModel)" || echo failed; done
        ls *.mp4 | wc -l; [ -s "$one" ] && [ -s "$two" ] && echo both
        fovea annotate "$(printf 'no\377.mp4')" out.mp4 --model "\#(tinyModel)"; echo status $?
        """#, in: folder)
      #expect(
        result.text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == ["3", "both", "status 1"])
      #expect(result.errors.contains(#"no\xFF.mp4"#), "\(result.errors)")
    }
  }

  /// A signal while a pipe says nothing: before the first frame there is an error, after it a proper file.
  @Test(arguments: ["ff", "-"]) func aSilentPipeIsLeft(input: String) throws {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        mkfifo ff; sleep 15 > ff & holder=$!
        fovea annotate \(input) out.mp4 --model \(tinyModel) --verbose \(input == "-" ? "< ff" : "") 2> errors & pid=$!
        for _ in $(seq 200); do grep -q 'waiting for' errors && break; sleep 0.05; done
        kill -INT $pid; wait $pid; echo status $?; kill $holder; cat errors >&2
        """, in: folder)
      #expect(result.text.contains("status 130"), "\(result.text)\(result.errors)")
      #expect(result.errors.contains("interrupted"), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out.mp4").path))
    }
  }

  @Test func anInterruptedExplanationSaysSo() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        echo complete > out.mp4
        fovea explain synthetic:size=160x120,rate=30,frames=100000 -o out.mp4 -y --method gradient --model \(tinyModel) & pid=$!
        for _ in $(seq 200); do [ -s out.partial.mp4 ] && [ $(stat -c %s out.partial.mp4) -gt 1000 ] && break; sleep 0.05; done
        kill -INT $pid; wait $pid; echo status $?; cat out.mp4
        """, in: folder)
      #expect(result.text.contains("status 130\ncomplete\n"), "\(result.text)\(result.errors)")
      #expect(result.errors.contains("interrupted at picture"), "\(result.errors)")
      #expect(result.errors.contains("is in out.partial-2.mp4"), "\(result.errors)")
    }
  }

  @Test func aLinkThatLeadsNowhereIsNoOutput() throws {
    try withClip { folder in
      let link = folder.appendingPathComponent("out.mp4").path
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "gone/there.mp4")
      for more in [[], ["--overwrite"]] {
        let result = try annotate(["in.mp4", "out.mp4"] + more, in: folder)
        expectRefusal(result, status: 2, saying: ["out.mp4", "a link to a file that is not there"])
      }
    }
  }

  /// What the link leads to is written; the link stays.
  @Test func aLinkIsWrittenThrough() throws {
    try withClip { folder in
      let result = try shell(
        """
        mkdir there; echo old > there/real.mp4; ln -s there/real.mp4 out.mp4; echo old > real.json; ln -s real.json out.json
        fovea annotate in.mp4 out.mp4 --json out.json --model \(tinyModel) || echo failed
        fovea annotate in.mp4 out.mp4 --json out.json -y --model \(tinyModel) && readlink out.mp4 out.json; ls there
        """, in: folder)
      #expect(result.text == "failed\nthere/real.mp4\nreal.json\nreal.mp4\n", "\(result.text)\(result.errors)")
      #expect(try frames(folder.appendingPathComponent("there/real.mp4"), "pts").count == 25)
      let lines = try String(contentsOf: folder.appendingPathComponent("real.json"), encoding: .utf8)
      #expect(lines.filter { $0 == "\n" }.count == 25)
    }
  }

  @Test func aLimitOfFileSizesIsASentence() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        ulimit -f 100
        fovea annotate synthetic:size=640x360,rate=30,frames=200 out.mkv --json out.json --model \(tinyModel); echo status $?
        """, in: folder)
      #expect(result.text == "status 1\n", "\(result.text)\(result.errors)")
      #expect(
        result.errors.contains(
          "cannot write out.mkv: the file would be larger than the file system or this shell's limit"),
        "\(result.errors)")
      #expect(result.errors.contains("is in out.partial.mkv and out.partial.json"), "\(result.errors)")
    }
  }

  @Test func aPipeThatFallsSilentIsLeft() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        ["-f", "lavfi", "-i", "testsrc=s=160x120:d=9", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "9", "in.ts"],
        in: folder)
      let result = try shell(
        """
        mkfifo ff; (cat in.ts; exec sleep 15) > ff & holder=$!
        fovea annotate - out.mp4 --model \(tinyModel) < ff & pid=$!
        for _ in $(seq 200); do [ -s out.partial.mp4 ] && [ $(stat -c %s out.partial.mp4) -gt 3000 ] && break; sleep 0.05; done
        kill -INT $pid; wait $pid; echo status $?; kill $holder
        """, in: folder)
      #expect(result.text.contains("status 130"), "\(result.text)\(result.errors)")
      #expect(try frames(folder.appendingPathComponent("out.mp4"), "pts").count > 0)
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out.partial.mp4").path))
    }
  }

  @Test func aSecondSignalLeavesNothing() throws {
    try TestData.withTemporaryFolder { folder in
      // The reader of the pipe does not read, so that the job cannot finish once the pipe is full.
      let result = try shell(
        """
        mkfifo ff; sleep 15 < ff & holder=$!
        fovea annotate synthetic:size=640x360,rate=30,frames=9000 - --format y4m --json out.json --model \(tinyModel) > ff & pid=$!
        for _ in $(seq 400); do [ $(awk '/^wchar/ { print $2 }' /proc/$pid/io) -gt 30000 ] && break; sleep 0.05; done
        kill -INT $pid; sleep 0.3; kill -INT $pid; wait $pid; echo status $?; kill $holder; ls
        """, in: folder)
      #expect(result.text.contains("status 130"), "\(result.text)\(result.errors)")
      #expect(!result.text.contains("out.partial.json"), "\(result.text)")
    }
  }

  @Test func layersWithoutRoomAreNamed() throws {
    try TestData.withTemporaryFolder { folder in
      let layers = ["--layer", "0", "--layer", "1", "--layer", "2", "--layer", "3"]
      let small = try annotate(["synthetic:size=160x120,rate=30,frames=2", "small.mp4"] + layers, in: folder)
      #expect(small.status == 0 && small.errors.contains("warning: the picture has no room"), "\(small.errors)")
      let large = try annotate(["synthetic:size=1280x720,rate=30,frames=2", "large.mp4"] + layers, in: folder)
      #expect(large.status == 0 && !large.errors.contains("no room"), "\(large.errors)")
    }
  }

  @Test func refusalsAreOneSentence() throws {
    let result = try annotate([testPattern, "out.mp4", "--fromat", "mp4"])
    expectRefusal(result, status: 2, saying: ["did you mean '--format'? See"])
    for (arguments, words) in [
      (["--crf", "20", "--bitrate", "1M"], ["--crf", "--bitrate"]), (["--duration", "0"], ["--duration 0"]),
      (["--layer", "relu1", "--channels", "0,9999"], ["no channel 9999"]), (["--crf", "99"], ["from 0 to 63"]),
    ] {
      expectRefusal(try annotate([testPattern, "out.mp4"] + arguments), status: 2, saying: words)
    }
  }
}
