// Package doctest checks and runs the pages of the documentation: that links lead somewhere, that commands and flags exist, and, block by
// block and from top to bottom, that what stands in a page does what the page says.
//
// A page is Markdown. What its fenced blocks are, the word behind the fence says:
//
//	sh          commands, run by bash in the page's folder; each must succeed
//	output      what the sh block before it printed, standard error included
//	go          a file of the page's program (<!-- file: main.go -->), or a part of a file here (<!-- from: kcl/example_test.go -->)
//	properties  settings, read by package properties
//	json        read as JSON
//	js          read by node where there is one
//	mermaid     a diagram
//	text        anything else; not looked at
//
// In output a line with only … stands for any lines, and … within a line for anything in it.
//
// Comments in the lines before a block say more about it, several with semicolons between them:
//
//	<!-- needs: java -->                  run where Java is; account and time are nowhere, so that only commands and flags are checked
//	<!-- terminal: daemon; until: sent --> run in a terminal of its own, and wait until it has printed a match of the regular expression
//	<!-- again -->                        run it again until it succeeds and prints what the output block says
//	<!-- exit: 3 -->                      the block's exit code
//	<!-- varies: 1.3, 74,117 -->          what another run prints differently; on an output block
//	<!-- file: main.go -->                write the block to this file
//	<!-- from: FILE -->                   the block's lines stand in this file of the repository
//
// Two stand by themselves: <!-- stop: daemon --> is Ctrl-C in that terminal, and <!-- page: emulator --> or <!-- page: clone --> says that
// readers of the page have an emulator already, or are in a clone of the repository.
package doctest
